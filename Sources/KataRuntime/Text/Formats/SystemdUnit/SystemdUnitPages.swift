// SPDX-License-Identifier: Apache-2.0

extension DiagnosticCode {
    static let unitNotUTF8: DiagnosticCode = "UNIT001"
    static let unitNoSection: DiagnosticCode = "UNIT002"
    static let unitNoAssignment: DiagnosticCode = "UNIT003"
    static let unitSection: DiagnosticCode = "UNIT004"
    static let unitQuote: DiagnosticCode = "UNIT005"
    static let unitEscape: DiagnosticCode = "UNIT006"
}

extension SystemdUnitDocument {
    /// What the reader of systemd units reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .unitNotUTF8, title: "unit file is not UTF-8", severity: .error,
            explanation: "systemd ignores what is not UTF-8. The file holds bytes that do not form a character of it.",
            remedy: "Save the file as UTF-8."),
        DiagnosticPage(
            code: .unitNoSection, title: "assignment before any section", severity: .warning,
            explanation: "systemd ignores assignments that do not stand below a '[Section]'.",
            remedy: "Put the line below the section it belongs to, or remove it."),
        DiagnosticPage(
            code: .unitNoAssignment, title: "line is no assignment", severity: .warning,
            explanation: "A line that is no comment and no section header must be 'Key=value'. systemd ignores others.",
            remedy: "Correct the line. If it was meant to go on the line above, that one must end with a backslash."),
        DiagnosticPage(
            code: .unitSection, title: "malformed section header", severity: .error,
            explanation: "A section header is '[Name]', alone on its line. systemd stops reading the file here.",
            remedy: "Correct the header."),
        DiagnosticPage(
            code: .unitQuote, title: "quote in a unit file is not closed", severity: .error,
            explanation: "A word starts with a quote that has no partner. systemd ignores the whole assignment.",
            remedy: "Close the quote, or write it as \\\" or \\'."),
        DiagnosticPage(
            code: .unitEscape, title: "malformed escape in a unit file", severity: .error,
            explanation: "A backslash must start one of the escapes of systemd.syntax(7), and no word can hold the character NUL. "
                + "systemd ignores the whole assignment.",
            remedy: "Double the backslash if it stands for itself; remove a NUL."),
    ]
}
