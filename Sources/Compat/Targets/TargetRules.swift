// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

/// How a runtime differs from the unified format, as data.
struct TargetRules: Sendable {
    /// The names that it reads.
    let vocabulary: TargetVocabulary
    /// The hypervisors that it knows by these names.
    let hypervisors: [String]
    /// The keys that do not simply stay what and where they are.
    var exceptions: [TargetKey: TargetFate] = [:]
    /// As `exceptions`, for tables of other hypervisors than QEMU, by the key's name.
    var foreignExceptions: [String: TargetFate] = [:]
    /// What the runtime does without a key, where that is not what we do without it.
    var defaults: [TargetKey: ConfigValue] = [:]
    /// What it cannot do without; written when nothing else says it.
    var required: [RequiredEntry] = []
    /// The key that names the hypervisor to run, where the table alone does not.
    var hypervisorName: LegacyKey?
    /// Pairs that it refuses together; the second is left out.
    var conflicts: [TargetConflict] = []
    /// Its own guest files; nil for our runtime, whose files the translation names already.
    var assets: UpstreamAssets?

    func fate(of key: TargetKey, in table: [String]) -> TargetFate {
        if table != key.table.path, let fate = foreignExceptions[key.name] { return fate }
        if let fate = exceptions[key] { return fate }
        return vocabulary.has(key.name, in: table) ? .written(to: nil, nil) : .lost(vocabulary.reason(against: key))
    }
}

/// What becomes of a key of the unified format.
enum TargetFate: Sendable {
    /// Written, at another place if one is given, with a value that the mapping makes of it.
    case written(to: LegacyKey?, ValueMapping?)
    /// Nothing takes it, for that reason.
    case lost(String)
    /// It always does what that value says, and nothing takes another.
    case implied(ConfigValue, otherwise: String)
}

/// The names that a runtime reads.
enum TargetVocabulary: Sendable {
    /// Our own: the unified tables, and whatever stands in tables of other hypervisors.
    case unified
    /// Kata's Go runtime at a release.
    case go(Release)
    /// Kata's runtime-rs.
    case runtimeRS

    func has(_ name: String, in table: [String]) -> Bool {
        switch self {
        case .unified: Self.isUnified(name, in: table)
        case .go(let release): KataGo.reads(name, in: table, at: release)
        case .runtimeRS: RuntimeRS.reads(name, in: table)
        }
    }

    /// Why a key of the unified format is not among the names.
    func reason(against key: TargetKey) -> String {
        if case .runtimeRS = self { return "it has no such key" }
        let releases = KataGo.index[LegacyKey(key.table.path, key.name)]?.releases ?? []
        return releases.isEmpty ? "it has no such key" : "only Kata \(releases.map(\.title).joined(separator: " and ")) reads it"
    }

    /// Tables of other hypervisors are kept whole, because nothing here knows their keys.
    private static func isUnified(_ name: String, in table: [String]) -> Bool {
        guard let own = ConfigTable.allCases.first(where: { $0.path == table }) else {
            return table.count > 1 && table[0] == "hypervisor" && table[1] != "qemu"
        }
        if case .retired? = own.key(named: name)?.availability { return false }
        return own.key(named: name) != nil
    }
}

/// A key that a runtime has to be told.
struct RequiredEntry: Sendable {
    let key: LegacyKey
    let value: ConfigValue
    let reason: String
}

/// Two keys that a runtime refuses together.
struct TargetConflict: Sendable {
    let kept: LegacyKey
    let lost: LegacyKey
    let reason: String
}

/// Upstream's guest files: they form a set with upstream's agent, as ours do with ours.
struct UpstreamAssets: Sendable {
    let hypervisor: FilePath
    let kernel: FilePath
    let image: FilePath
    /// In place of the image where VMs are cloned from a template, for a runtime that refuses an image then; nil for others.
    let templateInitrd: FilePath?
    /// The dialects whose own guest files hold an agent that the runtime can talk to.
    let compatible: Set<Dialect.ID>

    /// The keys that name them.
    static let keys = ["path", "kernel", "image", "initrd"]

    /// Where upstream installs below a prefix.
    init(below prefix: FilePath, compatible: Set<Dialect.ID>, templatesNeedInitrd: Bool = false) {
        hypervisor = prefix.appending("bin").appending("qemu-system-x86_64")
        kernel = prefix.pushing("share/kata-containers/vmlinuz.container")
        image = prefix.pushing("share/kata-containers/kata-containers.img")
        templateInitrd = templatesNeedInitrd ? prefix.pushing("share/kata-containers/kata-containers-initrd.img") : nil
        self.compatible = compatible
    }
}
