// SPDX-License-Identifier: Apache-2.0
internal import KataText

// What is said about frakti's flags.
extension Frakti {
    static let tooLittleMemory = Remark(
        .fraktiSize, .warning, "today's guest does not boot in less; hyperd's guest was an initrd of one program")
    static let noCPU = Remark(.fraktiSize, .warning, "a VM has one vCPU at least")

    static let noEndpoint = Remark(
        .fraktiLost, .warning, "the kubelet has to speak to containerd or CRI-O: its --container-runtime-endpoint has to change")
    static let noHyperd = Remark(.fraktiDropped, .note, "there is no hyperd; each sandbox has its shim")
    static let engineStreams = Remark(.fraktiDropped, .note, "the engine serves exec, attach and port forwarding")
    static let engineNetworks = Remark(
        .fraktiLost, .warning, "the engine calls CNI, and has to be told of directories that are not its own")
    static let ownRoot = Remark(.fraktiDropped, .note, "what lies there is read by the migration, and nothing is written there any more")
    static let noPrivileged = Remark(
        .fraktiLost, .warning, "a pod that asked for docker's containers takes the engine's default runtime, by having no runtimeClassName")
    static let noUnikernel = Remark(.fraktiLost, .warning, "unikernels are not run; pods that asked for one have no runtime")
    static let engineCgroups = Remark(.fraktiDropped, .note, "the engine's driver holds for all of its runtimes")
    static let enginePause = Remark(.fraktiDropped, .note, "the engine has a setting for the pause image")
    static let engineLogs = Remark(.fraktiDropped, .note, "it concerned frakti's own log, and the engine has its own")
    static let printsOnly = Remark(.fraktiDropped, .note, "frakti printed something and ended")
    static let noEffect = Remark(.fraktiDropped, .note, "it belonged to a library in frakti, which did not use it")
}
