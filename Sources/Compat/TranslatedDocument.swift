// SPDX-License-Identifier: Apache-2.0
public import KataConfig
public import KataText

/// A document of the unified format in the order in which it is written.
public struct TranslatedDocument: Sendable, Equatable {
    /// Said at the top, one line each.
    public let preface: [String]
    /// The tables that have something to say.
    public let tables: [Table]
    /// What no unified table has and another Kata may have: tables of other hypervisors, keys of one runtime only.
    public internal(set) var kept: [KeptEntry] = []

    /// One `[table]`.
    public struct Table: Sendable, Equatable {
        /// Which one.
        public let table: ConfigTable
        /// In the order of the legacy document, then what was added.
        public let entries: [Entry]
    }

    /// One `key = value` with the comment above it.
    public struct Entry: Sendable, Equatable {
        /// The key.
        public let key: TargetKey
        /// The value.
        public let value: ConfigValue
        /// Where it comes from, one line each.
        public let comments: [String]
    }

    /// The value that is written for a key, if one is.
    public func value(of key: TargetKey) -> ConfigValue? {
        tables.first { $0.table == key.table }?.entries.first { $0.key == key }?.value
    }
}

/// A key that stays what it is in a table that the unified format does not have.
public struct KeptEntry: Sendable, Equatable {
    /// The key in the legacy document.
    public let key: LegacyKey
    /// The value as it was read.
    public let value: TOMLEmission.Value
    /// Where it comes from, one line each.
    public let comments: [String]

    /// Whether it stands in the table of a hypervisor that we do not run.
    public var isOfOtherHypervisor: Bool { key.table.count > 1 && key.table[0] == "hypervisor" && key.table[1] != "qemu" }
}

extension TranslatedDocument {
    /// Whether the document is about QEMU; one of other hypervisors only must not get a QEMU beside them.
    var configuresQEMU: Bool { tables.contains { $0.table == .hypervisor } || !kept.contains(where: \.isOfOtherHypervisor) }
}

extension TranslatedDocument {
    /// The document as TOML, each key with its comment above it.
    public var emission: TOMLEmission {
        var root = TOMLEmission.Table()
        for table in tables {
            for entry in table.entries {
                root.set(at: table.table.path, TOMLEmission.Entry(entry.key.name, entry.value.emission, above: entry.comments))
            }
        }
        // The unified file may have tables of other hypervisors, which are refused by name when they are to run.
        for entry in kept where entry.isOfOtherHypervisor {
            root.set(at: entry.key.table, TOMLEmission.Entry(entry.key.name, entry.value, above: entry.comments))
        }
        return TOMLEmission(root: root, preface: preface)
    }
}

extension ConfigValue {
    var emission: TOMLEmission.Value {
        switch self {
        case .boolean(let value): .boolean(value)
        case .string(let text): .string(text)
        case .integer(let number): .integer(number)
        case .number(let number): .float(number)
        case .strings(let list): .array(list.map { .string($0) })
        case .tables(let list):
            .tables(list.map { pairs in TOMLEmission.Table(pairs.map { TOMLEmission.Entry($0.name, .string($0.text)) }) })
        }
    }
}

extension ConfigValue {
    /// The value, if it has a type that any unified key has.
    init?(_ emission: TOMLEmission.Value) {
        switch emission {
        case .boolean(let value): self = .boolean(value)
        case .string(let text): self = .string(text)
        case .integer(let number): self = .integer(number)
        case .float(let number): self = .number(number)
        case .array(let elements):
            let texts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
            guard texts.count == elements.count else { return nil }
            self = .strings(texts)
        default: return nil
        }
    }
}
