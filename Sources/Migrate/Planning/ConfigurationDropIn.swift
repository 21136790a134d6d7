// SPDX-License-Identifier: Apache-2.0

internal import KataConfig
internal import KataText
internal import SystemPackage

/// What has to be laid over a configuration that the new runtime reads in its place, so that together they say what its translation says.
struct ConfigurationDropIn {
    /// Nil when the file says it already.
    let bytes: [UInt8]?

    /// - Parameters:
    ///   - source: the file that stays.
    ///   - translation: what the new runtime is to read.
    init(over source: SourceText, saying translation: [UInt8]) {
        let path = Self.path(beside: source.path)
        guard let old = TOMLDocument.parse(source, grammar: .toml11).partial?.root,
            let new = TOMLDocument.parse(SourceText(path: path, bytes: translation)).value?.root
        else {
            bytes = nil
            return
        }
        var root = TOMLEmission.Table()
        for (table, entry) in Self.leaves(of: new) {
            if let value = old.value(at: table + [entry.key]), value.hasSameContent(as: entry.value) { continue }
            root.set(
                at: table, TOMLEmission.Entry(entry.key, TOMLEmission.Value(entry.value), above: entry.commentsBefore.map(\.text)))
        }
        for (table, entry) in Self.leaves(of: old) where new.value(at: table + [entry.key]) == nil {
            // What the new runtime does not know it reads past by itself.
            guard let key = ConfigKey.all.first(where: { $0.table.path == table && $0.name == entry.key }),
                let neutral = Self.neutral(key), TOMLEmission.Value(entry.value) != neutral
            else { continue }
            root.set(at: table, TOMLEmission.Entry(entry.key, neutral, above: ["\(source.path) says otherwise, which is of no use here"]))
        }
        bytes =
            root.entries.isEmpty
            ? nil : TOMLEmission(root: root, preface: ["Laid over \(source.path), which stays as it is, by kata-migrate."]).rendered
    }

    /// Drop-ins are laid in the order of their names: this one before those of the guest's files and of the operator.
    static func path(beside file: FilePath) -> FilePath {
        ConfigurationFile.dropInDirectory(of: file).appending("40-kata-migrate.toml")
    }

    private static func leaves(of table: TOMLTable, below path: [String] = []) -> [(table: [String], entry: TOMLEntry)] {
        table.entries.flatMap { entry in
            if let inner = entry.value.table, inner.origin != .inline {
                leaves(of: inner, below: path + [entry.key])
            } else {
                [(path, entry)]
            }
        }
    }

    private static func neutral(_ key: ConfigKey) -> TOMLEmission.Value? {
        switch key.defaultValue {
        case .string(let text)?: .string(text)
        case .boolean(let flag)?: .boolean(flag)
        case .integer(let number)?: .integer(number)
        case .none where key.type == .string: .string("")
        default: nil
        }
    }
}
