// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let unreadable: DiagnosticCode = "VC001"
    static let surprise: DiagnosticCode = "VC002"
    static let badName: DiagnosticCode = "VC003"
    static let otherName: DiagnosticCode = "VC004"
    static let badPid: DiagnosticCode = "VC005"
    static let noLock: DiagnosticCode = "VC006"
    static let lostState: DiagnosticCode = "VC007"
    static let tooMany: DiagnosticCode = "VC008"
    static let brokenRecord: DiagnosticCode = "VC009"
    static let leftOver: DiagnosticCode = "VC010"
    static let mixedReleases: DiagnosticCode = "VC011"
}

extension Virtcontainers {
    /// What reading the records of any legacy runtime reports, beside the JSON reader's own codes.
    public static let pages: [DiagnosticPage] = filePages + sandboxPages

    private static let filePages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .unreadable, title: "a file of a record cannot be read", severity: .error,
            explanation: "The file or directory is there, but the system refused it, it is not of the right kind, or it is longer than any "
                + "that the runtime wrote.",
            remedy: "Run as root, and look at the file."),
        DiagnosticPage(
            code: .surprise, title: "a value of a record is not what the runtime wrote", severity: .warning,
            explanation: "The value has another type or content than any release gave it. It is taken for absent.",
            remedy: "The file was damaged or changed by hand; check the sandbox before relying on it."),
        DiagnosticPage(
            code: .badName, title: "a name that cannot be a directory's", severity: .warning,
            explanation:
                "A record names a container, or a directory has an entry, in a way that would lead to another place. It is left out.",
            remedy: "The file was changed by hand, perhaps in bad faith; look at it."),
        DiagnosticPage(
            code: .badPid, title: "a recorded pid is no pid", severity: .warning,
            explanation: "The number is not one that Linux gives to a process. It is left out.",
            remedy: "The file was damaged; the process is found by its command line if it runs."),
        DiagnosticPage(
            code: .tooMany, title: "more entries than a host can have", severity: .error,
            explanation: "A directory or list has more entries than any host can have had; those beyond the bound are not read.",
            remedy: "Look at the directory or file; something else filled it."),
    ]

    private static let sandboxPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .otherName, title: "a record names another sandbox than its directory", severity: .warning,
            explanation: "The directory's name counts, because the runtime looked sandboxes up by it.",
            remedy: "The record was copied or moved; check the sandbox before relying on it."),
        DiagnosticPage(
            code: .noLock, title: "a sandbox without lock", severity: .note,
            explanation: "cc-runtime and Kata skip a sandbox whose lock file is missing, so their `list` does not show it.",
            remedy: "Nothing; deleting it by its own runtime will not work."),
        DiagnosticPage(
            code: .lostState, title: "a sandbox without state", severity: .note,
            explanation: "What lies below /run is gone, usually by a restart of the host. Nothing of the sandbox runs, and its runtime no "
                + "longer sees it.",
            remedy: "It can be started again from its bundle, or forgotten."),
        DiagnosticPage(
            code: .brokenRecord, title: "a sandbox without a readable record", severity: .error,
            explanation: "Without the file that the message names nothing is known of the sandbox but its name. Its VM may still run.",
            remedy: "Look for a QEMU whose command line has the name, and remove the sandbox by hand."),
        DiagnosticPage(
            code: .leftOver, title: "a container without its sandbox", severity: .warning,
            explanation:
                "The sandbox has a directory for the container, but neither lists it nor holds its configuration; or the record of the "
                + "sandbox in whose VM it ran is gone.",
            remedy: "It is a remainder of an interrupted create or delete; nothing can be moved of it."),
        DiagnosticPage(
            code: .mixedReleases, title: "a record of no single release", severity: .note,
            explanation: "The keys of the record belong to releases that do not overlap, as after an upgrade of a running host.",
            remedy: "Nothing; values are read wherever a release put them."),
    ]
}
