// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let annotationType: DiagnosticCode = "K8S001"
    static let classConflict: DiagnosticCode = "K8S002"
    static let contradiction: DiagnosticCode = "K8S003"
    static let reachesHost: DiagnosticCode = "K8S004"
    static let privileged: DiagnosticCode = "K8S005"
    static let trustedHasNoEffect: DiagnosticCode = "K8S006"
    static let unikernel: DiagnosticCode = "K8S007"
    static let sharedAnchor: DiagnosticCode = "K8S008"
    static let changedAtAnchor: DiagnosticCode = "K8S009"
    static let notEditable: DiagnosticCode = "K8S010"
    static let stray: DiagnosticCode = "K8S011"
    static let namedInText: DiagnosticCode = "K8S012"
    static let silent: DiagnosticCode = "K8S013"
}

extension Kubernetes {
    /// What translating manifests reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .annotationType, title: "annotation is not a string", severity: .error,
            explanation: "YAML takes true, yes and 1 for a boolean and a number unless they stand in quotes. The API server refuses "
                + "annotations that are not strings, so the manifest never had an effect.",
            remedy: "Put the value in quotes if it is meant, else remove the annotation."),
        DiagnosticPage(
            code: .classConflict, title: "annotation and runtime class disagree", severity: .warning,
            explanation: "The pod already names a runtime class, and its annotations ask for something else. CRI-O followed the class, "
                + "containerd refused the pod. Nothing is changed.",
            remedy: "Decide which of the two is meant, and remove the other."),
        DiagnosticPage(
            code: .contradiction, title: "annotations of several engines disagree", severity: .warning,
            explanation: "Each engine read its own annotation only, so the pod ran in a virtual machine on one cluster and not on another. "
                + "Nothing is changed.",
            remedy: "Keep the annotation of the engine that the cluster had."),
        DiagnosticPage(
            code: .reachesHost, title: "pod in a sandbox uses a namespace of the host", severity: .warning,
            explanation: "With hostNetwork, hostPID or hostIPC a pod cannot be in a virtual machine. containerd refused such a pod when it "
                + "was annotated as untrusted; CRI-O before 1.14 ran it with the trusted runtime. Nothing is changed.",
            remedy: "Remove the host's namespace, or the annotation."),
        DiagnosticPage(
            code: .privileged, title: "pod in a sandbox has a privileged container", severity: .warning,
            explanation: "CRI-O of the first releases ran a privileged pod with the trusted runtime whatever its annotation said. With the "
                + "runtime class it is privileged inside its virtual machine, and sees none of the host's devices.",
            remedy: "Remove runtimeClassName where the container is to reach the host."),
        DiagnosticPage(
            code: .trustedHasNoEffect, title: "TrustedSandbox: \"true\" had no effect", severity: .warning,
            explanation: "CRI-O took every pod for trusted unless its annotation said otherwise, and where default_workload_trust was "
                + "untrusted it used the untrusted runtime for trusted pods as well, unless they were privileged.",
            remedy: "Look at default_workload_trust in the old crio.conf, and give the cluster's default."),
        DiagnosticPage(
            code: .unikernel, title: "pod is a unikernel", severity: .warning,
            explanation: "frakti could run an image that is a unikernel. Kata runs images of Linux programs only. Nothing is changed.",
            remedy: "Run the program as a container, or keep another host for it."),
        DiagnosticPage(
            code: .sharedAnchor, title: "pod cannot be changed without changing others", severity: .warning,
            explanation: "The text of the pod stands at a YAML anchor, and an alias uses it where it must stay as it is. "
                + "Nothing is changed.",
            remedy: "Write the value out in place of the alias."),
        DiagnosticPage(
            code: .changedAtAnchor, title: "change at an anchor", severity: .warning,
            explanation: "Several pods have the same text by a YAML anchor and its aliases, and all of them need the same change. "
                + "It is made once, at the anchor.",
            remedy: "Nothing, if the aliases are meant to stay equal."),
        DiagnosticPage(
            code: .notEditable, title: "manifest cannot be edited in place", severity: .warning,
            explanation: "No change of a few lines makes exactly the wanted change of the values, for example where a key occurs twice.",
            remedy: "Add runtimeClassName to the pod's spec and remove the annotations by hand."),
        DiagnosticPage(
            code: .stray, title: "annotation where no engine looked", severity: .warning,
            explanation: "The engines read the annotations of pods. On a Deployment, for example, they belong into "
                + "spec.template.metadata; elsewhere they had no effect. Kinds that are not Kubernetes' own are not looked into.",
            remedy: "Remove it; add runtimeClassName to the pod's spec if it is meant."),
        DiagnosticPage(
            code: .namedInText, title: "text names a legacy annotation", severity: .note,
            explanation: "A string, such as the last applied configuration of kubectl or a file in a ConfigMap, holds a manifest.",
            remedy: "Remove kubectl's copy; translate the other where it comes from."),
        DiagnosticPage(
            code: .silent, title: "pod says nothing of a runtime", severity: .note,
            explanation: "Pods without an annotation or a class got what the cluster gave: default_workload_trust of CRI-O, containerd's "
                + "default runtime, a virtual machine with frakti.",
            remedy: "Give the old cluster's default to have runtimeClassName added where it was a virtual machine."),
    ]
}
