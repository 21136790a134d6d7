// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A reading by BurntSushi/toml into the fields of a structure: names in any case, and of equal ones either.
protocol FoldedTableReading: TableReading {
    var folding: FoldingVoice { get }
    /// A name that no field has.
    mutating func foreign(_ key: LegacyKey, _ entry: TOMLEntry, similar: [String])
}

/// What is said of names in another case.
struct FoldingVoice: Sendable {
    /// `cc-runtime`
    let reader: String
    /// `cc-runtime took`
    let takes: String
    let folded: DiagnosticCode
    let doubled: DiagnosticCode
}

/// An entry with the usual spelling of its name.
struct FoundEntry {
    let name: String
    let entry: TOMLEntry
}

/// The names of a table's fields, found in any case.
struct FoldedNames {
    let names: [String]
    private let byFolded: [String: String]

    init(_ names: [String]) {
        self.names = names
        byFolded = Dictionary(names.map { ($0.lowercased(), $0) }) { first, _ in first }
    }

    subscript(_ spelling: String) -> String? { byFolded[spelling.lowercased()] }
}

extension FoldedTableReading {
    /// The entry under the usual spelling of its name; nil, and reported, when it has none of the names.
    mutating func match(_ entry: TOMLEntry, among names: FoldedNames, in path: [String]) -> FoundEntry? {
        guard let name = names[entry.key] else {
            foreign(LegacyKey(path, entry.key), entry, similar: names.names)
            return nil
        }
        if entry.key != name { report(folding.folded, .note, "'\(entry.key)' is '\(name)' to \(folding.reader)", entry.keyRange) }
        return FoundEntry(name: name, entry: entry)
    }

    /// One entry of each name: the usual spelling, or else the last.
    mutating func single(_ found: [FoundEntry], in path: [String]) -> [FoundEntry] {
        var chosen: [FoundEntry] = []
        for next in found {
            guard let place = chosen.firstIndex(where: { $0.name == next.name }) else {
                chosen.append(next)
                continue
            }
            var other = chosen[place]
            let message = "'\(next.name)' is also given at line \(other.entry.keyRange.start.line), and \(folding.takes) either"
            report(folding.doubled, .warning, message, next.entry.keyRange)
            if other.entry.key != next.name || next.entry.key == next.name {
                chosen[place] = next
            } else {
                other = next
            }
            statements.append(.shadowed(LegacyKey(path, other.entry.key), other.entry.keyRange))
        }
        return chosen
    }

    /// The fields of one table by their rules.
    mutating func readKeys(_ entries: [TOMLEntry], at path: [String], by rules: [KeyRule]) {
        let names = FoldedNames(rules.map(\.source.name))
        for found in single(entries.compactMap { match($0, among: names, in: path) }, in: path) {
            if let rule = rules.first(where: { $0.source.name == found.name }) { readValue(of: found.entry, by: rule) }
        }
    }
}
