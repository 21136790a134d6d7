// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// What every Clear Containers release had in its guest and its QEMU, and what is said where a file speaks of it.
enum ClearContainersGuest {
    /// Parameters that chose or steered the guest, which ran systemd from a root image on an NVDIMM.
    static func parameters(_ code: DiagnosticCode) -> [WordRule] {
        let otherInit = Remark(code, .warning, "the guest's init is the agent in the initrd, not systemd")
        let otherRoot = Remark(code, .warning, "the guest's root is the initrd, not an image on an NVDIMM")
        let ownNetwork = Remark(code, .warning, "the agent sets the guest's network and host name")
        return [
            WordRule("init", nil, otherInit), WordRule("systemd.*", nil, otherInit), WordRule("root", nil, otherRoot),
            WordRule("rootflags", nil, otherRoot), WordRule("rootfstype", nil, otherRoot), WordRule("ip", nil, ownNetwork),
        ]
    }

    /// `-machine` options that QEMU builds for Clear Containers had; upstream spells the same as properties, or has no such thing.
    static func machineOptions(_ code: DiagnosticCode) -> [WordRule] {
        let spelling = Remark(code, .warning, "upstream QEMU spells it so")
        let missing = Remark(code, .warning, "upstream QEMU has no such machine option")
        return [
            WordRule("nosmm", "smm=off", spelling), WordRule("nosmbus", "smbus=off", spelling),
            WordRule("nosata", "sata=off", spelling), WordRule("nopit", "pit=off", spelling),
            WordRule("static-prt", nil, missing), WordRule("nofw", nil, missing),
        ]
    }

    static let replacedHypervisor = "qemu-lite is not maintained; sandboxes run on the q35 machine of the distribution's QEMU"
    static let replacedKernel = "the guest kernel has to fit the initrd that holds the agent; Clear Containers' booted an image"
    static let replacedImage =
        "Clear Containers' image holds cc-agent, which does not speak Kata's protocol; the initrd holds the agent"
}
