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
        case .number:
            // An integer stays one, because not every reader of a fraction's key takes 1.0 for 1.
            if let number = value.integer { return .success(.integer(number)) }
            if let number = value.float { return .success(.number(number)) }
        case .strings, .tables: return checkElements(value)
        }
        return .failure(.otherType(value.typeName))
    }

    private func checkElements(_ value: TOMLValue) -> Result<ConfigValue, Mismatch> {
        guard let elements = value.array else { return .failure(.otherType(value.typeName)) }
        guard case .tables(let names) = self else {
            let texts = elements.compactMap(\.string)
            return texts.count == elements.count ? .success(.strings(texts)) : .failure(.otherType("an array of other things"))
        }
        let tables = elements.compactMap(\.table)
        let known = tables.map { table in table.entries.filter { names.contains($0.key) } }
        guard tables.count == elements.count, known.allSatisfy({ $0.allSatisfy { $0.value.string != nil } }) else {
            return .failure(.otherType("an array of other things"))
        }
        return .success(.tables(known.map { $0.map { ConfigValue.Pair(name: $0.key, text: $0.value.string ?? "") } }))
    }
}
