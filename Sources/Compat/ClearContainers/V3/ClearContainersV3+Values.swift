// SPDX-License-Identifier: Apache-2.0
internal import KataText

// The values of Clear Containers' keys that mean something else today, and what is said about it.
extension ClearContainersV3 {
    static let machineTypes: [ValueChoice] = [
        ValueChoice("q35", "q35"),
        ValueChoice("pc", "q35", Remark(.machineType, .warning, "devices are hot-plugged to PCIe root ports, which pc has not got")),
        ValueChoice("pc-lite", "q35", Remark(.machineType, .warning, "only QEMU builds for Clear Containers know pc-lite")),
    ]

    static let internetworkingModels: [ValueChoice] = [
        ValueChoice("macvtap", "macvtap"),
        ValueChoice("default", "macvtap", Remark(.modelSpeltOut, .note, "Clear Containers resolved \"default\" to macvtap")),
        ValueChoice("", "macvtap", Remark(.modelSpeltOut, .note, "Clear Containers took \"\" for its default, macvtap")),
        ValueChoice(
            "bridged", "tcfilter",
            Remark(.internetworking, .warning, "Kata dropped bridged in 1.10; tcfilter joins the same interfaces, macvlan and ipvlan too")),
        ValueChoice(
            "enlightened", "tcfilter", Remark(.internetworking, .warning, "Kata dropped enlightened in 1.10; tcfilter is its default")),
    ]

    static let guestParameters = ClearContainersGuest.parameters(.guestParameter)
    static let machineOptions = ClearContainersGuest.machineOptions(.machineOption)

    static let replacedHypervisor = Remark(.assetReplaced, .note, ClearContainersGuest.replacedHypervisor)
    static let replacedKernel = Remark(.assetReplaced, .note, ClearContainersGuest.replacedKernel)
    static let replacedImage = Remark(.assetReplaced, .note, ClearContainersGuest.replacedImage)

    static let everyHostCPU = Remark(
        .everyHostCPU, .warning, "a negative number gives each sandbox every CPU of the host")
    static let tooLittleMemory = Remark(.memoryRaised, .warning, "Clear Containers took 2048 MiB when fewer than 8 were asked for")
    static let memoryIsNotLocked = Remark(
        .behaviourLost, .warning, "Kata reads it up to 2.3 only; guest memory is not locked, so the host may swap it out in any case")

    static let noProxy = Remark(.keyDropped, .note, "there is no proxy: the shim talks to the agent itself")
    static let ownShim = Remark(.keyDropped, .note, "the shim is part of the runtime and logs with it")
    static let noPauseBinary = Remark(.keyDropped, .note, "a sandbox is kept by the agent, not by a pause program")
    static let noLogFile = Remark(.keyDropped, .note, "the engine says where to log, with --log")
}
