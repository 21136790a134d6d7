// SPDX-License-Identifier: Apache-2.0

/// One key of the unified configuration, as data: what reads, checks, shows, explains or translates keys asks here.
public struct ConfigKey: Sendable, Hashable, CustomStringConvertible {
    /// Where the key stands.
    public let table: ConfigTable
    /// Its name in that table.
    public let name: String
    /// What may stand behind the equals sign.
    public let type: ConfigType
    /// What holds when the key is absent; nil when nothing does, which is so for keys that Kata has no default for.
    public let defaultValue: ConfigValue?
    /// One line.
    public let documentation: String
    /// The first Kata release that read it; nil for a key of our own.
    public let since: String?
    /// What this runtime makes of it.
    public let availability: KeyAvailability
    /// Why our default is not Kata's; nil where it is.
    public let deviation: String?
    /// What to say to somebody who gives a value that was allowed once or elsewhere.
    public let hints: [String: String]

    init(
        _ table: ConfigTable, _ name: String, _ type: ConfigType, default defaultValue: ConfigValue?, since: String?,
        _ availability: KeyAvailability, deviation: String? = nil,
        hints: [String: String] = [:], _ documentation: String
    ) {
        self.table = table
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.documentation = documentation
        self.since = since
        self.availability = availability
        self.deviation = deviation
        self.hints = hints
    }

    /// A key whose feature is not built yet.
    init(
        _ table: ConfigTable, _ name: String, _ type: ConfigType, default defaultValue: ConfigValue?, since: String?,
        deviation: String? = nil, _ documentation: String
    ) {
        self.init(table, name, type, default: defaultValue, since: since, .unbuilt, deviation: deviation, documentation)
    }

    /// `hypervisor.qemu.path`: names one key among all.
    public var dottedName: String { "\(table.rawValue).\(name)" }

    /// Table and name are one of a kind, so hashing the rest would only cost time.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(table)
        hasher.combine(name)
    }

    /// The dotted name.
    public var description: String { dottedName }

    /// Every key of every table.
    public static let all: [ConfigKey] = ConfigTable.allCases.flatMap(\.keys)

    /// By table, then by name.
    static let index: [ConfigTable: [String: ConfigKey]] = Dictionary(
        uniqueKeysWithValues: ConfigTable.allCases.map { table in
            (table, Dictionary(uniqueKeysWithValues: table.keys.map { ($0.name, $0) }))
        })
}

/// What this runtime makes of a key that Kata knows.
public enum KeyAvailability: Sendable, Hashable {
    /// Every allowed value does what Kata documents.
    case built
    /// Only these values do; each other allowed value is refused when `othersRefused`, reported and ignored otherwise.
    case partly([ConfigValue], othersRefused: Bool)
    /// Known by name and type, without effect so far.
    case unbuilt
    /// Read by other hypervisors only; QEMU has no use for it.
    case foreign([ForeignHypervisor])
    /// Kata stopped reading it after that release.
    case retired(lastRelease: String, instead: String?)
}
