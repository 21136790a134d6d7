// SPDX-License-Identifier: Apache-2.0
internal import KataText

// The values of runV's flags that mean something else today, and what is said about it.
extension RunV {
    /// Drivers by the names that some release knew (driverloader), which hyperd shared.
    static let drivers: [ValueChoice] = drivers(changed: .driverChanged, refused: .driverRefused)

    /// The same for a program that ran runV's drivers under codes of its own.
    static func drivers(changed: DiagnosticCode, refused: DiagnosticCode) -> [ValueChoice] {
        func refusal(_ reason: String) -> Remark { Remark(refused, .error, reason) }
        return [
            // xen was probed first, which only a Xen dom0 answers; QEMU emulated where there was no /dev/kvm.
            ValueChoice("", "auto"), ValueChoice("qemu", "auto", Remark(changed, .note, "KVM where it is there, emulation elsewhere")),
            ValueChoice("kvm", "kvm"),
            ValueChoice("qemu-kvm", "kvm", Remark(changed, .note, "the driver failed without /dev/kvm, and so does this")),
            ValueChoice("libvirt", "auto", Remark(changed, .note, "QEMU is run directly, so virsh does not list sandboxes any more")),
            ValueChoice("xen", refused: refusal("sandboxes run on QEMU with KVM, and this host's hypervisor is Xen")),
            ValueChoice("xenpv", refused: refusal("sandboxes run on QEMU with KVM, and this host's hypervisor is Xen")),
            ValueChoice("kvmtool", refused: refusal("lkvm is not supported; take a driver of QEMU, kvm, to go over to it")),
            ValueChoice("vbox", refused: refusal("VirtualBox ran sandboxes on macOS, which is no host of containers here")),
        ]
    }

    static let replacedKernel = Remark(
        .runvAsset, .note, "the guest kernel has to fit the initrd that holds the agent; hyperstart's has no vsock and no virtio-fs")
    static let replacedInitrd = Remark(
        .runvAsset, .note, "runV's initrd holds hyperstart, which does not speak Kata's protocol; the initrd holds the agent")

    static let newTemplate = Remark(
        .newTemplate, .warning,
        "upstream's runtimes make the saved VM anew in template_path, kata-swift has none yet; runV's holds hyperstart, and its directory is a tmpfs to unmount"
    )
    static let templateSize = Remark(.flagDropped, .note, "a template has the size that default_vcpus and default_memory say")

    static let tooLittleMemory = Remark(
        .runvMemory, .warning, "today's guest does not boot in less; runV's guest was an initrd of one program")
    static let noCPU = Remark(
        .runvMemory, .warning, "runV's machine had one vCPU at least, and today a number below 0 means all of the host's")

    static let noCoreboot = Remark(
        .flagLost, .warning, "a coreboot flash holds hyperstart's kernel; the kernel is loaded by QEMU, without it")
    static let noVirtualBox = Remark(.flagDropped, .note, "it was read by VirtualBox on macOS only")
    static let oneAgent = Remark(.flagDropped, .note, "the guest's agent is Kata's")
    static let noLogDirectory = Remark(.flagDropped, .note, "the engine says where to log, with --log")
    static let ignoredFlag = Remark(.flagDropped, .note, "runV took it and made nothing of it")
    static let ownRoot = Remark(
        .flagDropped, .note, "the runtime has a root of its own; what lies below runV's is read by the migration, and must not be shared")
    static let idOfContainer = Remark(.flagDropped, .note, "it names a container, and the command does so today")
    static let noDaemon = Remark(.flagDropped, .note, "there is no daemon for sandboxes; each has its shim")
    static let noDaemonSocket = Remark(
        .flagLost, .warning, "runV served containerd's interface there; docker needs a containerd of its own, and --containerd has to go")

    static func perContainer(_ name: String) -> Remark {
        Remark(
            .perContainer, .warning,
            "it concerned this container only, and nothing takes it out of the environment any more; today's is the annotation "
                + "io.katacontainers.config.hypervisor.\(name), where enable_annotations allows it")
    }
}
