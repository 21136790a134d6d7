// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension ConfigKey {
    /// The keys meant by `name` or `table.name`; several when tables share a name.
    public static func named(_ name: String) -> [ConfigKey] {
        all.filter { $0.name == name || $0.dottedName == name }
    }

    /// What `config explain NAME` prints; nil when there is no such key.
    public static func explained(_ name: String) -> String? {
        let keys = named(name)
        return keys.isEmpty ? nil : keys.map(\.explanation).joined(separator: "\n")
    }

    /// `, did you mean 'x'?` for a name that no key has, or nothing.
    public static func suggestion(for name: String) -> String {
        KataText.suggestion(for: name, in: all.map(name.contains(".") ? \.dottedName : \.name))
    }

    /// All that the table says of the key, over several lines.
    public var explanation: String {
        var lines = ["[\(table.rawValue)] \(name)", "  \(documentation)", "  type: \(type.typeName)"]
        if let constraint = type.constraint { lines.append("  allowed: \(constraint)") }
        lines.append("  default: \(defaultValue?.tomlText ?? "none")\(deviation.map { " (\($0))" } ?? "")")
        lines.append(since.map { "  in Kata since \($0)" } ?? "  not in Kata")
        lines.append("  here: \(availability.explanation)")
        return lines.joined(separator: "\n") + "\n"
    }
}

extension KeyAvailability {
    fileprivate var explanation: String {
        switch self {
        case .built: "built"
        case .partly(let values, let othersRefused):
            "built for \(values.map(\.tomlText).joined(separator: ", ")); other values are "
                + (othersRefused ? "refused" : "reported and ignored")
        case .unbuilt: "not built yet: reported and ignored"
        case .foreign(let hypervisors): "ignored, for \(hypervisors.map(\.title).joined(separator: ", ")) only"
        case .retired(let release, let instead):
            "ignored, Kata stopped reading it after \(release)" + (instead.map { "; use \($0) instead" } ?? "")
        }
    }
}
