// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import KataConfig
internal import SystemPackage

/// `configuration.toml` of Kata's Go runtime, in the four generations that number their releases 1 to 4.
///
/// The unified format is this dialect over all its releases, so a translation mostly keeps names; what changes are guest files, words that
/// a release gave another meaning, and defaults.
public enum KataGo {
    /// The newest release whose keys are known.
    static let newest = Release(4, 1, 0)

    /// The dialect of Kata 1, whose agent speaks gRPC.
    static let generation1 = Dialect.ID(rawValue: "kata-1.12")
    /// The dialects of the releases whose agents speak ttRPC, so that guest files of one boot under another.
    static let ttrpcGenerations = Set(generations.map(\.id)).subtracting([generation1])

    /// A generation, named by its last release, with everything by which it differs from the others.
    struct Generation: Sendable {
        let id: Dialect.ID
        let releases: ClosedRange<Release>
        /// The tables below `[hypervisor]`.
        let hypervisors: [String]
        /// The first release that laid `config.d` over the file; nil when none did.
        let dropIns: Release?
        /// What the parser of its first releases took for TOML.
        let firstGrammar: TOMLGrammar

        /// What its parser took for TOML; of a release that is not known, the newest.
        func grammar(of release: ClosedRange<Release>? = nil) -> TOMLGrammar {
            (release?.upperBound ?? releases.upperBound) < Release(3, 28, 0) ? firstGrammar : .toml11
        }

        var title: String { "Kata Containers \(releases.lowerBound.major).x configuration.toml (Go)" }
    }

    static let generations: [Generation] = [
        Generation(
            id: generation1, releases: Release(1, 0, 0)...Release(1, 12, 1), hypervisors: ["qemu", "firecracker", "clh", "acrn"],
            dropIns: nil, firstGrammar: .burntSushi03),
        Generation(
            id: Dialect.ID(rawValue: "kata-2.5"), releases: Release(2, 0, 0)...Release(2, 5, 2),
            hypervisors: ["qemu", "firecracker", "clh", "acrn"], dropIns: Release(2, 5, 0),
            firstGrammar: .burntSushi03),
        Generation(
            id: Dialect.ID(rawValue: "kata-3.32"), releases: Release(3, 0, 0)...Release(3, 32, 0),
            hypervisors: ["qemu", "firecracker", "clh", "acrn", "dragonball", "stratovirt", "remote"], dropIns: Release(3, 0, 0),
            firstGrammar: .toml10),
        Generation(
            id: Dialect.ID(rawValue: "kata-4.1"), releases: Release(4, 0, 0)...newest,
            hypervisors: ["qemu", "firecracker", "clh", "dragonball", "stratovirt", "remote"], dropIns: Release(4, 0, 0),
            firstGrammar: .toml11),
    ]

    /// What the keys meant over all releases of a generation.
    static let allRules = Dictionary(uniqueKeysWithValues: generations.map { ($0.id, rules(of: $0, at: $0.releases)) })

    /// The same by the tables that the keys stand in.
    static let allTables = allRules.mapValues { Dictionary(grouping: $0, by: \.source.table) }

    /// As the registry holds them, the oldest first.
    public static let dialects: [Dialect] = generations.map { generation in
        Dialect(
            id: generation.id, title: generation.title, releases: generation.releases, searchPaths: ConfigurationSearch.standardPaths,
            pages: pages, rules: allRules[generation.id] ?? [],
            claim: { KataFamily.recognise($0, as: generation.id) },
            translate: { translate($0, of: generation, assets: $1, release: $2) },
            signs: ReleaseSigns(programs: ["kata-runtime"], packages: ["kata-runtime", "kata-containers"], ofFile: { _ in nil }),
            isCurrent: true)
    }
}

extension KataGo {
    /// The file with its known keys checked and told from the others.
    struct Document: Sendable {
        /// The bytes that were read.
        let source: SourceText
        /// Everything the file says, in its order.
        let statements: [LegacyStatement]

        /// How many keys and tables the generation read past.
        var strangers: Int { statements.count { if case .stranger = $0 { true } else { false } } }

        /// The releases of a generation that read every known key of the file; nil when no release did.
        func releases(of generation: Generation) -> ClosedRange<Release>? {
            statements.reduce(generation.releases as ClosedRange<Release>?) { common, statement in
                guard case .setting(let setting) = statement else { return common }
                return common?.common(with: setting.rule.releases)
            }
        }
    }
}
