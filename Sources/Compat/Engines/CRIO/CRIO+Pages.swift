// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let badCRIOValue: DiagnosticCode = "CRIO001"
    static let trustIsGone: DiagnosticCode = "CRIO002"
    static let untrustedByDefault: DiagnosticCode = "CRIO003"
    static let untrustedTwiceCRIO: DiagnosticCode = "CRIO004"
    static let unregisteredCRIO: DiagnosticCode = "CRIO005"
    static let overriddenSetting: DiagnosticCode = "CRIO006"
    static let crioVariable: DiagnosticCode = "CRIO007"
    static let runtimeFlag: DiagnosticCode = "CRIO008"
}

extension CRIO {
    /// What reading CRI-O's files reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .badCRIOValue, title: "a value that CRI-O refuses", severity: .error,
            explanation: "Paths and names are strings, each runtime is a table, --runtimes takes name:path:root. CRI-O does not start with "
                + "anything else.",
            remedy: "Correct the file at the place shown."),
        DiagnosticPage(
            code: .trustIsGone, title: "runtime for untrusted workloads", severity: .warning,
            explanation: "Until CRI-O 1.13 the pod annotation io.kubernetes.cri-o.TrustedSandbox chose between runtime and "
                + "runtime_untrusted_workload. Since 1.14 both settings of trust are passed over, and pods that were isolated run under the "
                + "default runtime, without a word.",
            remedy:
                "Register the runtime below [crio.runtime.runtimes], make a RuntimeClass with its name as the handler, and name the class "
                + "in the pods' runtimeClassName."),
        DiagnosticPage(
            code: .untrustedByDefault, title: "workloads are untrusted by default", severity: .warning,
            explanation: "With default_workload_trust = \"untrusted\" a pod without the annotation is isolated unless it is privileged. "
                + "RuntimeClass has no such rule: a pod without a class gets the default runtime.",
            remedy: "Name a class in each pod that has to be isolated, by an admission webhook if they are many, or make the new runtime "
                + "CRI-O's default_runtime."),
        DiagnosticPage(
            code: .untrustedTwiceCRIO, title: "runtime for untrusted workloads is given twice", severity: .warning,
            explanation: "runtime_untrusted_workload is the runtime named untrusted. CRI-O 1.12 and 1.13 refuse both beside each other.",
            remedy: "Remove one of the two."),
        DiagnosticPage(
            code: .unregisteredCRIO, title: "default runtime of CRI-O is registered nowhere", severity: .warning,
            explanation:
                "default_runtime has to be runc or the name of a table below [crio.runtime.runtimes]. CRI-O does not start with others.",
            remedy: "Register the runtime, or correct the name."),
        DiagnosticPage(
            code: .overriddenSetting, title: "a later file of CRI-O says something else", severity: .note,
            explanation: "Files of crio.conf.d are read behind crio.conf in the order of their paths. Of a key that several give the last "
                + "counts; a runtime that several have is taken whole from the last.",
            remedy: "Remove what has no effect, if it is not wanted."),
        DiagnosticPage(
            code: .crioVariable, title: "options of CRI-O come from a variable", severity: .note,
            explanation: "The command line takes words from a variable that neither Environment= nor an environment file at hand sets. "
                + "A runtime named there is not seen.",
            remedy: "Look at the unit's EnvironmentFile= and give that file too."),
        DiagnosticPage(
            code: .runtimeFlag, title: "runtime on CRI-O's command line", severity: .note,
            explanation: "--runtimes gives a path between a name and a root directory. Such a word is not edited.",
            remedy: "Move the runtime to a file of crio.conf.d, or change the path by hand."),
    ]
}
