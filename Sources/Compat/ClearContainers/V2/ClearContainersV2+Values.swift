// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

// What is said of values and options that mean something else today.
extension ClearContainersV2 {
    static let guestParameters = ClearContainersGuest.parameters(.cc2GuestParameter)
    static let machineOptions = ClearContainersGuest.machineOptions(.cc2MachineOption)

    static let replacedHypervisor = Remark(.cc2AssetReplaced, .note, ClearContainersGuest.replacedHypervisor)
    static let replacedKernel = Remark(.cc2AssetReplaced, .note, ClearContainersGuest.replacedKernel)
    static let replacedImage = Remark(.cc2AssetReplaced, .note, ClearContainersGuest.replacedImage)
    static let otherMachine = Remark(.cc2MachineType, .warning, "devices are hot-plugged to the PCIe root ports of q35")
    static let hugePages = Remark(.cc2MeaningKept, .note, "guest memory lay on huge pages, and Kata finds their mount itself")
    static let ioThread = Remark(.cc2MeaningKept, .note, "disks get an I/O thread")

    static let accelerators: [ValueChoice] = [
        ValueChoice("kvm", "kvm"), ValueChoice("tcg", "tcg"),
        ValueChoice("kvm:tcg", "auto", Remark(.cc2MeaningKept, .note, "either, as the host allows")),
        ValueChoice("tcg:kvm", "auto", Remark(.cc2MeaningKept, .note, "either, as the host allows")),
    ]

    static let onlyHadToExist = Remark(.cc2KeyDropped, .note, "the file only had to exist; hypervisor.args names the program that ran")
    static let builtIn = Remark(.cc2KeyDropped, .note, "it was copied into vm.json when the package was built")
    static let ownTopology = Remark(.cc2KeyDropped, .note, "each vCPU is a socket of its own, so that more can be plugged in")
    static let kvmByItself = Remark(.cc2KeyDropped, .note, "KVM is used wherever the host has it")
    static let ownGuest = Remark(.cc2KeyDropped, .note, "the guest boots our kernel and initrd")
    static let ownIdentity = Remark(.cc2KeyDropped, .note, "the runtime says this to QEMU itself")
    static let ownDevice = Remark(.cc2KeyDropped, .note, "each sandbox has this device already")
    static let engineLogs = Remark(.cc2KeyDropped, .note, "the engine says where and how to log, with --log and --log-format")
    static let ownRoot = Remark(.cc2KeyDropped, .note, "the engine says where the state lies, with --root")
    static let noProgram = Remark(.cc2KeyDropped, .note, "there is no proxy, and the shim is part of the runtime")
    static let neverDone = Remark(.cc2KeyDropped, .note, "cc-oci-runtime accepted it and did nothing")

    static let hostModel = Remark(.cc2Lost, .warning, "guests have the host's CPU model")
    static let plainMemory = Remark(.cc2Lost, .warning, "guest memory is anonymous, or on huge pages with enable_hugepages")
    static let memoryIsNotLocked = Remark(.cc2Lost, .warning, "guest memory is not locked, so the host may swap it out")
    static let noDisk = Remark(.cc2Lost, .warning, "a sandbox has no disks of its own; give them to containers as volumes")
    static let noNetwork = Remark(.cc2Lost, .warning, "a sandbox has the interfaces that the engine puts into its network namespace")
    static let noShare = Remark(.cc2Lost, .warning, "files are shared as mounts of containers")
    static let noSocket = Remark(.cc2Lost, .warning, "QEMU's sockets belong to the runtime; extra_monitor_socket adds a monitor")
    static let noBalloon = Remark(.cc2Lost, .warning, "memory is resized by hot-plug")
    static let engineDevices = Remark(.cc2Lost, .warning, "give the device to a container instead, with the engine's --device")
    static let noLogDirectory = Remark(.cc2Lost, .warning, "QEMU's messages go to the runtime's log")
    static let unknownOption = Remark(.cc2Lost, .warning, "nothing takes it over; the runtime alone decides on QEMU's arguments")
}
