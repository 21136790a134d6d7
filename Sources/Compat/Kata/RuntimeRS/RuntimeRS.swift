// SPDX-License-Identifier: Apache-2.0
internal import SystemPackage

/// `configuration.toml` of Kata's runtime-rs, as of 4.1.
public enum RuntimeRS {
    /// Names the dialect.
    public static let id = Dialect.ID(rawValue: "runtime-rs")
    /// Where it looks; it never reads the files of the Go runtime.
    static let searchPaths: [FilePath] = [
        "/etc/kata-containers/runtime-rs/configuration.toml", "/usr/share/defaults/kata-containers/runtime-rs/configuration.toml",
        "/opt/kata/share/defaults/kata-containers/runtime-rs/configuration.toml",
    ]
    /// Any other table below `[hypervisor]` keeps it from starting.
    static let hypervisors = ["qemu", "clh", "dragonball", "firecracker", "remote", "openvmm"]
}
