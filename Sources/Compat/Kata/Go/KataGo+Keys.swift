// SPDX-License-Identifier: Apache-2.0
internal import KataConfig

/// A key of Kata's Go runtime with the releases that read it.
struct KataGoKey: Sendable {
    let key: LegacyKey
    let type: LegacyType
    let releases: [ClosedRange<Release>]
    /// The key of the unified format, which has every key but those of the tables that ended with Kata 1 to 3.
    let unified: TargetKey?

    func isRead(at release: Release) -> Bool { releases.contains { $0.contains(release) } }
}

// The unified format is the Go dialect over all its releases, so its keys are where most of this comes from.
extension KataGo {
    /// Every key of every release.
    static let keys: [KataGoKey] = ConfigKey.all.compactMap(unifiedKey) + endedKeys

    /// Whether that release takes a key from that table; tables of all hypervisors have the same keys.
    static func reads(_ name: String, in table: [String], at release: Release) -> Bool {
        let table = table.count == 2 && table[0] == "hypervisor" ? ConfigTable.hypervisor.path : table
        return index[LegacyKey(table, name)]?.isRead(at: release) ?? false
    }

    static let index: [LegacyKey: KataGoKey] = Dictionary(uniqueKeysWithValues: keys.map { ($0.key, $0) })

    private static func unifiedKey(_ key: ConfigKey) -> KataGoKey? {
        guard let since = key.since.flatMap({ Release($0) }) else { return nil }
        var releases = [since...newest]
        switch key.availability {
        case .retired(let last, _): Release(last).map { releases = [since...$0] }
        default: releases = otherReleases[key.name] ?? releases
        }
        return KataGoKey(
            key: LegacyKey(key.table.path, key.name), type: LegacyType(key.type), releases: releases,
            unified: TargetKey(key.table, key.name))
    }

    /// What `since` alone does not tell.
    private static let otherReleases: [String: [ClosedRange<Release>]] = [
        "ctlpath": [Release(1, 9, 0)...Release(3, 9, 0)],
        "valid_ctlpaths": [Release(1, 12, 1)...Release(3, 9, 0)],
        "pcie_root_port": [Release(1, 11, 0)...Release(3, 1, 0), Release(3, 6, 0)...newest],
    ]

    /// The keys of tables that newer releases do not read.
    private static let endedKeys: [KataGoKey] = {
        let kata1 = Release(1, 0, 0)...Release(1, 12, 1)
        let monitored = Release(1, 3, 0)...Release(2, 3, 0)
        let images = Release(2, 2, 0)...Release(3, 3, 0)
        return [
            ended(["proxy", "kata"], "path", .string, kata1), ended(["proxy", "kata"], "enable_debug", .boolean, kata1),
            ended(["shim", "kata"], "path", .string, kata1), ended(["shim", "kata"], "enable_debug", .boolean, kata1),
            ended(["shim", "kata"], "enable_tracing", .boolean, Release(1, 5, 0)...Release(1, 12, 1)),
            ended(["netmon"], "path", .string, monitored), ended(["netmon"], "enable_debug", .boolean, monitored),
            ended(["netmon"], "enable_netmon", .boolean, monitored), ended(["image"], "provision", .string, images),
            ended(["image"], "service_offload", .boolean, images),
        ]
    }()

    private static func ended(_ table: [String], _ name: String, _ type: LegacyType, _ releases: ClosedRange<Release>) -> KataGoKey {
        KataGoKey(key: LegacyKey(table, name), type: type, releases: [releases], unified: nil)
    }
}

extension LegacyType {
    /// The type as Go's decoder checks it, which knows no further bounds.
    init(_ type: ConfigType) {
        switch type {
        case .boolean: self = .boolean
        case .string, .path, .choice: self = .string
        case .integer(let range, _):
            self = .integer(range.lowerBound < 0 ? Int64.min...Int64.max : 0...max(Int64(UInt32.max), range.upperBound))
        case .number: self = .number
        case .strings: self = .strings
        case .tables(let names): self = .tables(names)
        }
    }
}
