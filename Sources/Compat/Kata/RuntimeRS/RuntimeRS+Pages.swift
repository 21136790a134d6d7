// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let rustStranger: DiagnosticCode = "KRS-001"
    static let rustDenied: DiagnosticCode = "KRS-002"
    static let rustType: DiagnosticCode = "KRS-003"
    static let rustValue: DiagnosticCode = "KRS-004"
    static let rustHypervisor: DiagnosticCode = "KRS-005"
    static let rustSelection: DiagnosticCode = "KRS-006"
    static let rustGuestFile: DiagnosticCode = "KRS-010"
    static let rustOnly: DiagnosticCode = "KRS-011"
    static let rustSpelling: DiagnosticCode = "KRS-012"
    static let rustMeaning: DiagnosticCode = "KRS-013"
    static let rustDefault: DiagnosticCode = "KRS-014"
}

extension RuntimeRS {
    /// What reading and translating a `configuration.toml` of runtime-rs reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .rustStranger, title: "key or table that runtime-rs does not know", severity: .warning,
            explanation: "runtime-rs reads past it without a word. Keys of the Go runtime that it has under another name end like this.",
            remedy: "Correct the name, or remove the line."),
        DiagnosticPage(
            code: .rustDenied, title: "key that keeps runtime-rs from starting", severity: .error,
            explanation: "The tables [agent.kata], mem_agent, factory and rootless_user allow no key that runtime-rs does not know; it "
                + "refuses the whole file. The Go runtime's dial_timeout is such a key.",
            remedy: "Correct the name, or remove the line."),
        DiagnosticPage(
            code: .rustType, title: "value of the wrong type", severity: .error,
            explanation: "runtime-rs refuses the whole file for this.", remedy: "Correct the value, or remove the key."),
        DiagnosticPage(
            code: .rustValue, title: "value that runtime-rs refuses", severity: .error,
            explanation: "runtime-rs knows a fixed list of values for this key, and refuses the file for others.",
            remedy: "Take one of the values that the message names."),
        DiagnosticPage(
            code: .rustHypervisor, title: "hypervisor that runtime-rs does not know", severity: .error,
            explanation: "runtime-rs refuses a file with a table below [hypervisor] that is not one of its hypervisors, used or not.",
            remedy: "Correct the name, or remove the table."),
        DiagnosticPage(
            code: .rustSelection, title: "another hypervisor runs than the one configured", severity: .warning,
            explanation: "runtime-rs runs what hypervisor_name in [runtime] names, and dragonball when nothing does, whatever tables there "
                + "are. The translation is of the table that the file has.",
            remedy: "Set hypervisor_name if the host is to go on with runtime-rs."),
        DiagnosticPage(
            code: .rustGuestFile, title: "file of Kata replaced by ours", severity: .note,
            explanation: "The guest kernel and the guest's root form a set with the agent inside. For upstream targets of the same "
                + "generation the file's own paths are kept.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .rustOnly, title: "key that only runtime-rs has", severity: .note,
            explanation: "The unified format has no such key. A translation for runtime-rs keeps it.", remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .rustSpelling, title: "value spelt as the unified format has it", severity: .note,
            explanation: "runtime-rs means the same by another name, unit or type.", remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .rustMeaning, title: "value with another effect than it seems", severity: .warning,
            explanation: "What runtime-rs does with the value is not what it says, or exists nowhere else.",
            remedy: "Check that the translation asks for what the host needs."),
        DiagnosticPage(
            code: .rustDefault, title: "default spelt out", severity: .note,
            explanation: "The file does not set the key, and what runtime-rs does without it is not what is done today. The translation "
                + "says what it does.",
            remedy: "Nothing has to be done; remove the line to get today's default."),
    ]
}
