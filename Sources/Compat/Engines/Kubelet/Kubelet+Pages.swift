// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let badKubeletFlag: DiagnosticCode = "KUBELET001"
    static let kubeletEngineGone: DiagnosticCode = "KUBELET002"
    static let fraktiEndpoint: DiagnosticCode = "KUBELET003"
    static let kubeletFlagTwice: DiagnosticCode = "KUBELET004"
    static let kubeletFlagGone: DiagnosticCode = "KUBELET005"
    static let kubeletVariable: DiagnosticCode = "KUBELET006"
    static let badKubeletMember: DiagnosticCode = "KUBELET007"
    static let kubeletMemberTwice: DiagnosticCode = "KUBELET008"
    static let kubeletMemberNew: DiagnosticCode = "KUBELET009"
}

extension Kubelet {
    /// What reading the kubelet's flags and configuration reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .badKubeletFlag, title: "flag of the kubelet without its value", severity: .error,
            explanation: "The last word of the command line is a flag that takes a value. The kubelet does not start.",
            remedy: "Give the value, or remove the flag."),
        DiagnosticPage(
            code: .kubeletEngineGone, title: "engine that the kubelet no longer speaks with", severity: .warning,
            explanation: "The kubelet itself spoke with docker up to 1.23 and with rkt up to 1.10. Such a node cannot choose a runtime by "
                + "RuntimeClass.",
            remedy: "Let the kubelet use containerd or CRI-O: --container-runtime=remote with --container-runtime-endpoint."),
        DiagnosticPage(
            code: .fraktiEndpoint, title: "kubelet uses frakti", severity: .warning,
            explanation:
                "frakti ran pods in hyperd's virtual machines and others in docker. It has no successor of its own: containerd and CRI-O "
                + "run both kinds, and a RuntimeClass tells them apart.",
            remedy:
                "Set up containerd or CRI-O with the new runtime. `kata-migrate apply` points the kubelet at the one of them that runs; otherwise "
                + "drain the node and name its socket to the kubelet."),
        DiagnosticPage(
            code: .kubeletFlagTwice, title: "flag of the kubelet is given twice", severity: .note,
            explanation: "Flags come from several variables, and of one that is given twice the last counts.",
            remedy: "Remove the one without effect, if it is not wanted."),
        DiagnosticPage(
            code: .kubeletFlagGone, title: "flag that the kubelet no longer knows", severity: .warning,
            explanation: "The flags of docker went with 1.24, --container-runtime with 1.27. A kubelet does not start with unknown flags.",
            remedy: "Remove the flag before the kubelet is upgraded."),
        DiagnosticPage(
            code: .kubeletVariable, title: "flags of the kubelet come from a variable", severity: .note,
            explanation: "The command line takes words from a variable that neither Environment= nor an environment file at hand sets. "
                + "Flags given there are not seen.",
            remedy: "Look at the unit's EnvironmentFile= and give that file too."),
        DiagnosticPage(
            code: .badKubeletMember, title: "member of the KubeletConfiguration of the wrong type", severity: .error,
            explanation: "The kubelet does not start with a configuration that it cannot decode.",
            remedy: "Correct the value at the place shown."),
        DiagnosticPage(
            code: .kubeletMemberTwice, title: "member of the KubeletConfiguration without effect", severity: .note,
            explanation: "A flag counts more than the configuration that --config names, and a file of --config-dir more than that.",
            remedy: "Remove the one without effect, if it is not wanted."),
        DiagnosticPage(
            code: .kubeletMemberNew, title: "member that the kubelet does not read yet", severity: .warning,
            explanation:
                "containerRuntimeEndpoint and imageServiceEndpoint are members of the KubeletConfiguration since 1.27. Before that the flags "
                + "alone name the engine.",
            remedy: "Give --container-runtime-endpoint, as in /var/lib/kubelet/kubeadm-flags.env."),
    ]
}
