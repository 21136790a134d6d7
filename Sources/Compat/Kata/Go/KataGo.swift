// SPDX-License-Identifier: Apache-2.0

/// `configuration.toml` of Kata's Go runtime, in the four generations that number their releases 1 to 4.
public enum KataGo {
    /// The newest release whose keys are known.
    static let newest = Release(4, 1, 0)

    /// The dialect of Kata 1, whose agent speaks gRPC.
    static let generation1 = Dialect.ID(rawValue: "kata-1.12")
    /// The dialects of the releases whose agents speak ttRPC, so that guest files of one boot under another.
    static let ttrpcGenerations: Set<Dialect.ID> = ["kata-2.5", "kata-3.32", "kata-4.1"].reduce(into: []) {
        $0.insert(Dialect.ID(rawValue: $1))
    }
}
