// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let badContainerdValue: DiagnosticCode = "CTRD001"
    static let sectionOfOtherVersion: DiagnosticCode = "CTRD002"
    static let missingImport: DiagnosticCode = "CTRD003"
    static let replacedSection: DiagnosticCode = "CTRD004"
    static let dropInVersion: DiagnosticCode = "CTRD005"
    static let unregisteredHandler: DiagnosticCode = "CTRD006"
    static let removedType: DiagnosticCode = "CTRD007"
    static let criDisabled: DiagnosticCode = "CTRD008"
    static let untrustedWorkload: DiagnosticCode = "CTRD009"
    static let untrustedTwice: DiagnosticCode = "CTRD010"
    static let containerdVariable: DiagnosticCode = "CTRD011"
}

extension Containerd {
    /// What reading containerd's files reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .badContainerdValue, title: "a value that containerd refuses", severity: .error,
            explanation:
                "version is an integer, the names, types and paths of runtimes are strings, each runtime has a runtime_type, and an "
                + "option of the command line has a value. containerd does not start with anything else.",
            remedy: "Correct the file at the place shown."),
        DiagnosticPage(
            code: .sectionOfOtherVersion, title: "section has the name of another version", severity: .warning,
            explanation: "The CRI plugin is called cri in version 1, io.containerd.grpc.v1.cri in version 2 and "
                + "io.containerd.cri.v1.runtime from version 3 on. Under another name its settings are not read, or containerd does not start.",
            remedy: "Give the section the name of the file's version, or the file the version of its sections."),
        DiagnosticPage(
            code: .missingImport, title: "imported file is not at hand", severity: .warning,
            explanation: "A file that imports names without a star has to exist. What it says of runtimes is not seen here.",
            remedy: "Give the file too, or remove the import."),
        DiagnosticPage(
            code: .replacedSection, title: "section is replaced by an imported file", severity: .warning,
            explanation:
                "Before 2.0, containerd takes the section of a plugin whole from the last file that has it: whatever earlier files say "
                + "of that plugin, runtimes included, has no effect. From 2.0 on the sections are merged.",
            remedy: "Put all settings of the plugin into one file."),
        DiagnosticPage(
            code: .dropInVersion, title: "imported file has a higher version", severity: .error,
            explanation: "containerd 2 does not start when an imported file is of a higher version than the one that imports it.",
            remedy: "Raise the version of the importing file, after its sections have been renamed."),
        DiagnosticPage(
            code: .unregisteredHandler, title: "default runtime of CRI is registered nowhere", severity: .warning,
            explanation: "default_runtime_name has to be the name of a runtime. The CRI plugin does not load otherwise.",
            remedy: "Register the runtime, or correct the name."),
        DiagnosticPage(
            code: .removedType, title: "runtime type is gone in containerd 2", severity: .warning,
            explanation:
                "containerd 2.0 dropped io.containerd.runtime.v1.linux and io.containerd.runc.v1. Pods of such a runtime do not start.",
            remedy: "Use io.containerd.runc.v2 with options.BinaryName for programs that are called as runc is."),
        DiagnosticPage(
            code: .criDisabled, title: "CRI plugin is disabled", severity: .warning,
            explanation:
                "disabled_plugins names the CRI plugin, as docker's packages do. The runtimes below it serve neither kubelet nor crictl.",
            remedy: "Remove the plugin from disabled_plugins if Kubernetes is to use this containerd."),
        DiagnosticPage(
            code: .untrustedWorkload, title: "runtime for untrusted workloads", severity: .note,
            explanation:
                "Pods get it by the annotation io.kubernetes.cri.untrusted-workload, which Kubernetes gave up for RuntimeClass and "
                + "containerd 2 no longer knows.",
            remedy: "Make a RuntimeClass with this handler and name it in the pods' runtimeClassName."),
        DiagnosticPage(
            code: .untrustedTwice, title: "runtime for untrusted workloads is given twice", severity: .warning,
            explanation: "untrusted_workload_runtime is the runtime named untrusted. containerd refuses both beside each other.",
            remedy: "Remove one of the two."),
        DiagnosticPage(
            code: .containerdVariable, title: "options of containerd come from a variable", severity: .note,
            explanation: "The command line takes words from a variable that neither Environment= nor an environment file at hand sets. "
                + "A runtime named there is not seen.",
            remedy: "Look at the unit's EnvironmentFile= and give that file too."),
    ]
}
