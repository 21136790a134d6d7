// SPDX-License-Identifier: Apache-2.0

extension DiagnosticCode {
    static let yamlNotUTF8: DiagnosticCode = "YAML001"
    static let yamlSyntax: DiagnosticCode = "YAML002"
    static let yamlTooLarge: DiagnosticCode = "YAML003"
    static let yamlTooDeep: DiagnosticCode = "YAML004"
    static let yamlDuplicateKey: DiagnosticCode = "YAML005"
    static let yamlAlias: DiagnosticCode = "YAML006"
    static let yamlExpansion: DiagnosticCode = "YAML007"
}

extension YAMLStream {
    /// What the YAML reader reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .yamlNotUTF8, title: "YAML text is not UTF-8", severity: .error,
            explanation: "Kubernetes reads UTF-8 only. The file holds bytes that do not form a character of it, or is UTF-16.",
            remedy: "Save the file as UTF-8."),
        DiagnosticPage(
            code: .yamlSyntax, title: "YAML syntax error", severity: .error,
            explanation:
                "The text is not YAML 1.1. Tabs must not indent, a mapping's keys stand in one column, and a key ends with a colon "
                + "and a space.",
            remedy: "Correct the text at the place shown; the cause often stands in the line above."),
        DiagnosticPage(
            code: .yamlTooLarge, title: "YAML text is too large", severity: .error,
            explanation: "The reader takes \(YAMLLimits.bytes >> 20) MiB, \(YAMLLimits.nodes) values and \(YAMLLimits.directives) "
                + "directives. A cluster refuses objects of a tenth of that.",
            remedy: "Split the file, or check what made it."),
        DiagnosticPage(
            code: .yamlTooDeep, title: "YAML values nested too deeply", severity: .error,
            explanation: "The reader stops at \(ReadingLimits.depth) values inside each other, aliases followed. "
                + "No file that we know comes near this.",
            remedy: "Check what made the file."),
        DiagnosticPage(
            code: .yamlDuplicateKey, title: "YAML key occurs twice", severity: .warning,
            explanation: "A mapping has two equal keys. The last one counts here and in kubectl before 1.25; later ones warn or refuse.",
            remedy: "Remove the one that is not meant."),
        DiagnosticPage(
            code: .yamlAlias, title: "YAML alias leads nowhere", severity: .error,
            explanation: "An alias names an anchor that does not stand before it in the same document, or that it is itself a part of.",
            remedy: "Correct the name, or move the anchor before its first use."),
        DiagnosticPage(
            code: .yamlExpansion, title: "YAML aliases stand for too much", severity: .error,
            explanation: "With every alias written out, the document would hold more than \(YAMLLimits.expandedNodes) values. Files that "
                + "are made to exhaust their reader look like this.",
            remedy: "Write the values out, or check where the file comes from."),
    ]
}
