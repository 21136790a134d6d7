// SPDX-License-Identifier: Apache-2.0
internal import SystemPackage

/// How `config show` prints.
public enum ShowFormat: String, Sendable, CaseIterable {
    /// A configuration file that has the same effect, each value with its origin as a comment.
    case toml
    /// The same as one JSON object.
    case json
}

extension ResolvedConfiguration {
    /// The effective values with where each came from; ends with a line feed.
    public func shown(as format: ShowFormat) -> String {
        switch format {
        case .toml: tomlText
        case .json: jsonText
        }
    }

    private var tomlText: String {
        var text = layers.isEmpty ? "# no file: defaults only\n" : ""
        for (index, layer) in layers.enumerated() {
            text += index == 0 ? "# file: \(layer.string.tomlComment)\n" : "# drop-in: \(layer.string.tomlComment)\n"
        }
        for table in ConfigTable.allCases {
            let lines = values.filter { $0.key.table == table }.map(\.tomlLine)
            if lines.isEmpty { continue }
            text += "\n[\(table.rawValue)]\n" + lines.joined(separator: "\n") + "\n"
        }
        return text
    }
}

extension EffectiveValue {
    /// `key = value # origin`; behind a comment sign when it has no effect.
    fileprivate var tomlLine: String {
        let assignment = "\(key.name) = \(value?.tomlText ?? "\"\"")"
        return "\(hasEffect ? "" : "# ")\(assignment) # \(originText.tomlComment)"
    }

    /// Where the value comes from, as people read it.
    fileprivate var originText: String {
        var text =
            switch source {
            case .absent: "default"
            case .defaulted(let origin): "default, as \(origin.lineReference) asks"
            case .stated(let origin): origin.lineReference
            }
        if !overridden.isEmpty { text += ", over " + overridden.reversed().map(\.lineReference).joined(separator: ", ") }
        switch key.availability {
        case .built: break
        case .partly: text += hasEffect ? "" : "; not built yet"
        case .unbuilt: text += "; not built yet"
        case .foreign: text += "; not for QEMU"
        case .retired: text += "; retired"
        }
        return text
    }
}
