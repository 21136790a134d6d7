// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import KataConfig

/// The virtual machine that a legacy system started, as the arguments of its hypervisor.
///
/// What each VM has anew stands in angle brackets: `<id>`, `<uuid>`. Devices that a container brought along are not among them.
public struct LegacyMachine: Sendable, Equatable {
    /// The program first.
    public let arguments: [String]

    /// What the command line depends on besides the configuration.
    public struct Host: Sendable {
        /// CPUs that are online.
        public let processors: Int
        /// All of its memory.
        public let memoryMiB: Int

        /// Both count.
        public init(processors: Int, memoryMiB: Int) {
            self.processors = processors
            self.memoryMiB = memoryMiB
        }
    }

    /// What a dialect's system made of its settings.
    struct Builder: Sendable {
        let dialect: Dialect.ID
        let arguments: @Sendable (EffectiveSettings, [SourceText], ClosedRange<Release>, Host) -> [String]?
    }

    static let builders: [Builder] =
        [
            Builder(dialect: ClearContainersV2.id, arguments: ClearContainersV2.machine),
            Builder(dialect: ClearContainersV3.id, arguments: ClearContainersV3.machine),
            Builder(dialect: RunV.id, arguments: RunV.machine), Builder(dialect: Hyperd.id, arguments: Hyperd.machine),
            Builder(dialect: Frakti.id, arguments: Frakti.machine), Builder(dialect: RuntimeRS.id, arguments: RuntimeRS.machine),
        ] + KataGo.dialects.map { Builder(dialect: $0.id, arguments: KataGo.machine) }

    /// The dialects whose systems' command lines are known.
    public static let dialects: [Dialect.ID] = builders.map(\.dialect)

    /// Nil for a system whose command line nobody knows, and for one that ran no QEMU under these settings.
    public init?(
        of settings: EffectiveSettings, in dialect: Dialect, sources: [SourceText], releases: ClosedRange<Release>? = nil, on host: Host
    ) {
        guard let builder = Self.builders.first(where: { $0.dialect == dialect.id }) else { return nil }
        let known = releases?.common(with: dialect.releases) ?? dialect.releases
        guard let arguments = builder.arguments(settings, sources, known, host) else { return nil }
        self.arguments = arguments
    }
}

extension EffectiveSettings {
    func text(_ key: LegacyKey) -> String {
        if case .string(let text)? = value(key) { text } else { "" }
    }

    func integer(_ key: LegacyKey) -> Int64? {
        if case .integer(let number)? = value(key) { number } else { nil }
    }

    func flag(_ key: LegacyKey) -> Bool { value(key) == .boolean(true) }
}
