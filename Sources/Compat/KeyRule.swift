// SPDX-License-Identifier: Apache-2.0
public import KataConfig
public import KataText

/// What becomes of one key of a legacy format, as data.
public struct KeyRule: Sendable {
    /// The key.
    public let source: LegacyKey
    /// What the legacy runtime took for a value; everything else it refused.
    public let type: LegacyType
    /// The releases that read it.
    public let releases: ClosedRange<Release>
    /// What the legacy runtime did without it; nil when the key then had no effect.
    public let absent: ConfigValue?
    /// What becomes of it.
    public let fate: KeyFate
}

/// A key of a legacy file.
public struct LegacyKey: Sendable, Hashable, CustomStringConvertible {
    /// Table names from the root.
    public let table: [String]
    /// The name in that table.
    public let name: String

    /// A key by its place.
    public init(_ table: [String], _ name: String) {
        self.table = table
        self.name = name
    }

    /// `hypervisor.qemu.path`.
    public var description: String { (table + [name]).map(Self.spelled).joined(separator: ".") }

    /// A file may name a key by any text, line feeds included.
    private static func spelled(_ name: String) -> String {
        let isBare = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ".") }
        return isBare ? name : ConfigValue.string(name).tomlText
    }
}

/// A type of value with the bounds that the legacy runtime put to it.
public enum LegacyType: Sendable, Hashable {
    case string
    case boolean
    case integer(ClosedRange<Int64>)
    /// An integer or a float.
    case number
    case strings
    /// An array of tables with string values under these names.
    case tables([String])

    /// For messages.
    public var name: String {
        switch self {
        case .string: "a string"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .strings: "an array of strings"
        case .tables: "an array of tables"
        }
    }
}

/// A key of the unified format.
public struct TargetKey: Sendable, Hashable, CustomStringConvertible {
    /// Its table.
    public let table: ConfigTable
    /// Its name there.
    public let name: String

    /// A key by its place.
    public init(_ table: ConfigTable, _ name: String) {
        self.table = table
        self.name = name
    }

    /// What the unified configuration knows of it; nil would be a mistake in a rule, which the tests look for.
    public var definition: ConfigKey? { table.key(named: name) }

    /// `hypervisor.qemu.path`.
    public var description: String { "\(table.rawValue).\(name)" }
}

/// What becomes of a key.
public enum KeyFate: Sendable {
    /// The value stays as it is.
    case carried(to: TargetKey)
    /// The value is looked at, and some values change.
    case mapped(to: TargetKey, ValueMapping)
    /// A file of the legacy system gives way to ours.
    case replaced(to: TargetKey, by: AssetRole, Remark)
    /// Nothing takes its place.
    case dropped(Remark)

    /// Where the value goes, if anywhere.
    public var target: TargetKey? {
        switch self {
        case .carried(let key), .mapped(let key, _), .replaced(let key, _, _): key
        case .dropped: nil
        }
    }
}

/// What is said to the user about a change.
public struct Remark: Sendable, Hashable {
    /// The kind of change.
    public let code: DiagnosticCode
    /// How much it matters.
    public let severity: Severity
    /// Why, in one clause.
    public let reason: String

    /// All three are needed.
    public init(_ code: DiagnosticCode, _ severity: Severity, _ reason: String) {
        self.code = code
        self.severity = severity
        self.reason = reason
    }
}

/// A setting that the legacy system had no key for, because it always was so, and that is otherwise by default today.
public struct FixedSetting: Sendable {
    /// Today's key.
    public let target: TargetKey
    /// What the legacy system did.
    public let value: ConfigValue
    /// Why, in one clause.
    public let reason: String
    /// The releases that did so; nil for all.
    public var releases: ClosedRange<Release>?

    /// Whether some of the releases that may have run did so, and some did not: then it is not written.
    func isUndecided(among possible: ClosedRange<Release>) -> Bool {
        guard let releases, let common = releases.common(with: possible) else { return false }
        return common != possible
    }
}
