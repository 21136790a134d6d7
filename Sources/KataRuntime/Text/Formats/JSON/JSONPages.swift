// SPDX-License-Identifier: Apache-2.0

extension DiagnosticCode {
    static let jsonNotUTF8: DiagnosticCode = "JSON001"
    static let jsonSyntax: DiagnosticCode = "JSON002"
    static let jsonString: DiagnosticCode = "JSON003"
    static let jsonNumber: DiagnosticCode = "JSON004"
    static let jsonTooDeep: DiagnosticCode = "JSON005"
    static let jsonDuplicateKey: DiagnosticCode = "JSON006"
    static let jsonUnexpectedValue: DiagnosticCode = "JSON007"
}

extension JSONDocument {
    /// What the JSON reader reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .jsonNotUTF8, title: "JSON text is not UTF-8", severity: .error,
            explanation: "RFC 8259 requires UTF-8. The file holds bytes that do not form a character of it.",
            remedy: "Save the file as UTF-8."),
        DiagnosticPage(
            code: .jsonSyntax, title: "JSON syntax error", severity: .error,
            explanation: "The text is not JSON as RFC 8259 defines it. Comments and commas before a closing bracket are not part of it.",
            remedy: "Correct the text at the place shown."),
        DiagnosticPage(
            code: .jsonString, title: "malformed JSON string", severity: .error,
            explanation: "A string is not closed on its line, holds a control character, an unknown escape, or half a surrogate pair.",
            remedy: "Close the string, or write the character as one of the escapes of RFC 8259, clause 7."),
        DiagnosticPage(
            code: .jsonNumber, title: "malformed JSON number", severity: .error,
            explanation: "Numbers have no leading zeros or plus sign, and digits on both sides of the point.",
            remedy: "Write the number as RFC 8259, clause 6, has it, or as a string."),
        DiagnosticPage(
            code: .jsonTooDeep, title: "JSON values nested too deeply", severity: .error,
            explanation: "The reader stops at \(ReadingLimits.depth) values inside each other. No file that we know comes near this.",
            remedy: "Check what made the file."),
        DiagnosticPage(
            code: .jsonDuplicateKey, title: "JSON key occurs twice", severity: .warning,
            explanation: "An object has two members of the same name. The last one counts here; other programs may take another.",
            remedy: "Remove the one that is not meant."),
        DiagnosticPage(
            code: .jsonUnexpectedValue, title: "JSON value is not what it has to be", severity: .error,
            explanation: "The text is JSON, but a value has the wrong type, is out of range, or a required key is missing.",
            remedy: "Compare the value with the specification of the file."),
    ]
}
