// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension ResolvedConfiguration {
    /// One object: the layers, and each value with table, key, origin and whether it has an effect.
    var jsonText: String {
        let report = ShowReport(layers: layers.map(\.string), values: values.map(ShowReport.Row.init))
        guard let bytes = try? encodeJSON(report, pretty: true) else {
            preconditionFailure("a report of strings and numbers cannot be encoded as JSON")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What `config show --format json` prints.
private struct ShowReport: Encodable {
    let layers: [String]
    let values: [Row]

    struct Row: Encodable {
        let table: String
        let key: String
        let value: ConfigValue?
        let source: String
        let origin: Place?
        let overridden: [Place]
        let hasEffect: Bool

        init(_ effective: EffectiveValue) {
            table = effective.key.table.rawValue
            key = effective.key.name
            value = effective.value
            source =
                switch effective.source {
                case .stated: "file"
                case .absent, .defaulted: "default"
                }
            origin = effective.origin.map(Place.init)
            overridden = effective.overridden.map(Place.init)
            hasEffect = effective.hasEffect
        }
    }

    struct Place: Encodable {
        let path: String
        let line: Int
        let column: Int

        init(_ origin: ValueOrigin) {
            path = origin.path.string
            line = origin.keyRange.start.line
            column = origin.keyRange.start.column
        }
    }
}

extension ConfigValue: Encodable {
    /// The value as JSON's nearest.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .boolean(let flag): try container.encode(flag)
        case .string(let text): try container.encode(text)
        case .integer(let number): try container.encode(number)
        case .number(let number): try container.encode(number)
        case .strings(let list): try container.encode(list)
        case .tables(let list):
            try container.encode(list.map { pairs in Dictionary(pairs.map { ($0.name, $0.text) }, uniquingKeysWith: { $1 }) })
        }
    }
}
