// SPDX-License-Identifier: Apache-2.0
internal import KataText

// What is said about hyperd's keys.
extension Hyperd {
    static let drivers = RunV.drivers(changed: .hyperdDriver, refused: .hyperdDriverRefused)

    static let replacedKernel = Remark(
        .hyperdAsset, .note, "the guest kernel has to fit the initrd that holds the agent; hyperstart's has no vsock and no virtio-fs")
    static let replacedInitrd = Remark(
        .hyperdAsset, .note, "hyperd's initrd holds hyperstart, which does not speak Kata's protocol; the initrd holds the agent")
    static let noCoreboot = Remark(
        .hyperdLost, .warning, "a coreboot flash holds hyperstart's kernel; the kernel is loaded by QEMU, without it")
    static let noVirtualBox = Remark(.hyperdDropped, .note, "it was read by VirtualBox on macOS only")
    static let alwaysVsock = Remark(.hyperdDropped, .note, "the agent is reached by vsock where the host has it, else by a serial port")
    static let noDebugger = Remark(.hyperdLost, .warning, "no debugger can be attached to the guest's kernel by a key")

    static let oldPolicy = Remark(
        .hyperdLost, .warning, "hyperd 0.5 kept VMs ready by it, and later releases did not read it; vm_cache_number does so today")
    static let noCache = Remark(.hyperdSize, .warning, "hyperd kept no VM ready for a number below 1")
    static let noCPU = Remark(.hyperdSize, .warning, "a VM has one vCPU at least")
    static let tooLittleMemory = Remark(
        .hyperdSize, .warning, "today's guest does not boot in less; hyperd's guest was an initrd of one program")

    static let ownRoot = Remark(
        .hyperdDropped, .note, "images, volumes and hyperd's store stay there until they have been migrated; the kernel lies there too")
    static let engineStores = Remark(
        .hyperdLost, .warning, "images and disks are the engine's: containerd's snapshotter, or docker's storage driver, has the choice")
    static let engineNetwork = Remark(
        .hyperdLost, .warning, "pods are networked by CNI or docker; the bridge, its addresses and the chains HYPER have to be made there")
    static let noInterface = Remark(
        .hyperdLost, .warning, "hyperd's API is gone; its clients have to speak to containerd, docker or the kubelet")
    static let engineLogs = Remark(.hyperdLost, .warning, "the engine keeps the logs of containers")
    static let noDaemon = Remark(.hyperdDropped, .note, "there is no daemon for pods; each sandbox has its shim")
}
