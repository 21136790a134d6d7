// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

extension LegacyType {
    /// Why a value is none of the type.
    enum Mismatch: Error {
        /// It is of this type instead.
        case otherType(String)
        /// It is a number outside these bounds.
        case outside(ClosedRange<Int64>)
    }

    func check(_ value: TOMLValue) -> Result<ConfigValue, Mismatch> {
        switch self {
        case .string:
            if let text = value.string { return .success(.string(text)) }
        case .boolean:
            if let truth = value.boolean { return .success(.boolean(truth)) }
        case .integer(let bounds):
            guard let number = value.integer else { break }
            return bounds.contains(number) ? .success(.integer(number)) : .failure(.outside(bounds))
        }
        return .failure(.otherType(value.typeName))
    }
}
