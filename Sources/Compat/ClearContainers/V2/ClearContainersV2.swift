// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

/// The files of Clear Containers 2.0 to 2.2: `vm.json` or the bundle's `vm` object, `hypervisor.args`, and the wrapper's flags.
public enum ClearContainersV2 {
    /// Names the dialect.
    public static let id = Dialect.ID(rawValue: "clear-containers-2")
    /// All releases, each of which had a tag.
    public static let releases = Release(2, 0, 0)...Release(2, 2, 4)

    /// As the registry holds it.
    public static let dialect = Dialect(
        id: id, title: "Clear Containers 2 configuration", releases: releases,
        searchPaths: [
            "/etc/cc-oci-runtime/vm.json", "/usr/share/defaults/cc-oci-runtime/vm.json", "/usr/local/etc/cc-oci-runtime/vm.json",
            "/usr/local/share/defaults/cc-oci-runtime/vm.json", "/etc/cc-oci-runtime/hypervisor.args",
            "/usr/share/defaults/cc-oci-runtime/hypervisor.args", "/usr/local/etc/cc-oci-runtime/hypervisor.args",
            "/usr/local/share/defaults/cc-oci-runtime/hypervisor.args", "/etc/cc-oci-runtime/cc-oci-runtime.sh.cfg",
            "/usr/share/defaults/cc-oci-runtime/cc-oci-runtime.sh.cfg", "/usr/local/etc/cc-oci-runtime/cc-oci-runtime.sh.cfg",
            "/usr/local/share/defaults/cc-oci-runtime/cc-oci-runtime.sh.cfg",
        ], pages: pages, rules: rules, claim: recognise, translate: translate, signs: signs, isSpread: true)

    /// What a file of the system is for.
    public enum Part: Sendable, Hashable, CaseIterable {
        /// The `vm` object of a bundle's `config.json`; a bundle that has one does not use `vm.json`.
        case bundle
        /// `vm.json`: the files that a VM is made of, and the kernel's parameters.
        case machine
        /// `hypervisor.args`: QEMU's command line.
        case arguments
        /// `kernel-cmdline`: built into the packaged `vm.json`, and never read by the program.
        case kernelLine
        /// `cc-oci-runtime.sh.cfg`: arguments that the wrapper script added.
        case flags
    }

    /// One file, each thing that it says told apart.
    public struct Document: Sendable {
        /// The bytes that were read.
        public let source: SourceText
        /// What the file is for.
        public let part: Part
        /// Everything the file says, in its order.
        public let statements: [LegacyStatement]
    }
}
