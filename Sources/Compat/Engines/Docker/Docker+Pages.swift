// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let badDaemonFile: DiagnosticCode = "DOCKER001"
    static let conflict: DiagnosticCode = "DOCKER002"
    static let unregistered: DiagnosticCode = "DOCKER003"
    static let badRuntimeOption: DiagnosticCode = "DOCKER004"
    static let variable: DiagnosticCode = "DOCKER005"
    static let ownContainerd: DiagnosticCode = "DOCKER006"
}

extension Docker {
    /// What reading docker's files reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .badDaemonFile, title: "daemon.json has a value that dockerd refuses", severity: .error,
            explanation: "runtimes is an object of objects, each with a path, and perhaps runtimeArgs, an array of strings, or with a "
                + "runtimeType. "
                + "dockerd does not start with anything else.",
            remedy: "Correct the file at the place shown."),
        DiagnosticPage(
            code: .conflict, title: "an option is in daemon.json and on dockerd's command line", severity: .warning,
            explanation: "dockerd does not start when the file and the command line give the same option, even with equal values.",
            remedy: "Remove one of the two."),
        DiagnosticPage(
            code: .unregistered, title: "default runtime is registered nowhere", severity: .warning,
            explanation: "The default runtime has to be runc or a name that runtimes or --add-runtime gives. dockerd refuses others.",
            remedy: "Register the runtime, or correct the name."),
        DiagnosticPage(
            code: .badRuntimeOption, title: "--add-runtime without name and path", severity: .error,
            explanation: "The option takes name=path. dockerd does not start with anything else. Where the path is written with escapes "
                + "in a variable, it is not changed.",
            remedy: "Correct the command line at the place shown."),
        DiagnosticPage(
            code: .variable, title: "options of dockerd come from a variable", severity: .note,
            explanation: "The command line takes words from a variable that neither Environment= nor an environment file at hand sets. "
                + "Runtimes named there are not seen.",
            remedy: "Look at the unit's EnvironmentFile= and give that file too."),
        DiagnosticPage(
            code: .ownContainerd, title: "docker uses runV's own containerd", severity: .warning,
            explanation: "runV up to 0.8.1 brought a containerd of its own, to which docker was pointed. Nothing takes its place: docker's "
                + "containerd calls the new runtime by itself. Until it does, containers that runV runs for docker are left as they are.",
            remedy: "Remove the option, so that docker uses the containerd that it is installed with."),
    ]
}
