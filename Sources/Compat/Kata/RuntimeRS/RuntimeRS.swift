// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// `configuration.toml` of Kata's runtime-rs, as of 4.1.
public enum RuntimeRS {
    /// Names the dialect.
    public static let id = Dialect.ID(rawValue: "runtime-rs")
    /// Those that ship it as the default.
    static let releases = Release(4, 0, 0)...Release(4, 1, 0)
    /// Where it looks; it never reads the files of the Go runtime.
    static let searchPaths: [FilePath] = [
        "/etc/kata-containers/runtime-rs/configuration.toml", "/usr/share/defaults/kata-containers/runtime-rs/configuration.toml",
        "/opt/kata/share/defaults/kata-containers/runtime-rs/configuration.toml",
    ]
    /// Any other table below `[hypervisor]` keeps it from starting.
    static let hypervisors = ["qemu", "clh", "dragonball", "firecracker", "remote", "openvmm"]

    /// As the registry holds it.
    public static let dialect = Dialect(
        id: id, title: "runtime-rs configuration.toml", releases: releases, searchPaths: searchPaths, pages: pages, rules: rules,
        claim: { KataFamily.recognise($0, as: id) }, translate: { sources, assets, _ in translate(sources, assets: assets) },
        isCurrent: true)
}

extension RuntimeRS {
    /// The file with its known keys checked and told from the others.
    struct Document: Sendable {
        /// Everything the file says, in its order.
        let statements: [LegacyStatement]

        /// How many keys and tables runtime-rs does not know.
        let strangers: Int
    }
}
