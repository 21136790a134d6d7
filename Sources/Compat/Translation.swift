// SPDX-License-Identifier: Apache-2.0
public import KataConfig
public import KataText
public import SystemPackage

/// Legacy documents in the unified format, with the account of how it came about.
public struct Translation: Sendable {
    /// What the documents were read as.
    public let dialect: Dialect.ID
    /// The legacy documents, in the order in which their system read them.
    public let sources: [SourceText]
    /// The unified document; it leaves out what was refused.
    public let document: TranslatedDocument
    /// What became of every key of the legacy documents, in their order, then the defaults that were written out.
    public let provenance: [Provenance]
    /// Findings in the order of the legacy documents, then those that have no place in them.
    public let diagnostics: [Diagnostic]

    /// Whether the legacy runtime would have refused a document; the translation is then only good for reporting.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// What happened to one key on the way.
public struct Provenance: Sendable, Equatable {
    /// The verdict.
    public enum Fate: String, Sendable, Codable, CaseIterable {
        case carried
        case mapped
        case replaced
        case dropped
        case refused
        /// Written out although the legacy document does not say it, because today's default is another.
        case defaulted
        /// The legacy runtime read past it.
        case unknown
        /// Stays as it is in a table that the unified format does not have, such as another hypervisor's.
        case kept
    }

    /// The key in the legacy document, as the dialect spells it; nil for what no key said.
    public let source: LegacyKey?
    /// The legacy document that says it; nil for what no key said.
    public let file: FilePath?
    /// Where its key stands in that document; nil for what no key said.
    public let range: SourceRange?
    /// Today's key; nil when none takes it.
    public let target: TargetKey?
    /// The verdict.
    public let fate: Fate
    /// The legacy value; nil when it has no type that any key has.
    public let before: ConfigValue?
    /// The value now; nil when none is written.
    public let after: ConfigValue?
    /// Why it is not simply carried.
    public let reason: String?
}

/// Our file that stands in for one of the legacy system.
public enum AssetRole: String, Sendable, Codable, CaseIterable {
    case hypervisor
    case kernel
    case initrd
}

/// Where the files lie that stand in for those of the legacy system.
public struct TargetAssets: Sendable, Hashable {
    /// The QEMU binary.
    public let hypervisor: FilePath
    /// The guest kernel.
    public let kernel: FilePath
    /// The initrd with the agent.
    public let initrd: FilePath

    /// All three: the legacy system's own cannot be used.
    public init(hypervisor: FilePath, kernel: FilePath, initrd: FilePath) {
        self.hypervisor = hypervisor
        self.kernel = kernel
        self.initrd = initrd
    }

    /// Where an installation below `prefix` has them.
    public static func installed(below prefix: FilePath = "/usr/local") -> TargetAssets {
        let share = prefix.appending("share").appending("kata-swift")
        return TargetAssets(
            hypervisor: "/usr/bin/qemu-system-x86_64", kernel: share.appending("vmlinuz"), initrd: share.appending("initrd.img"))
    }

    /// The file that has that role.
    public subscript(role: AssetRole) -> FilePath {
        switch role {
        case .hypervisor: hypervisor
        case .kernel: kernel
        case .initrd: initrd
        }
    }
}
