// SPDX-License-Identifier: Apache-2.0

extension DiagnosticCode {
    static let tomlNotUTF8: DiagnosticCode = "TOML001"
    static let tomlControl: DiagnosticCode = "TOML002"
    static let tomlKey: DiagnosticCode = "TOML003"
    static let tomlHeader: DiagnosticCode = "TOML004"
    static let tomlValue: DiagnosticCode = "TOML005"
    static let tomlString: DiagnosticCode = "TOML006"
    static let tomlEscape: DiagnosticCode = "TOML007"
    static let tomlNumber: DiagnosticCode = "TOML008"
    static let tomlRange: DiagnosticCode = "TOML009"
    static let tomlDateTime: DiagnosticCode = "TOML010"
    static let tomlArray: DiagnosticCode = "TOML011"
    static let tomlInlineTable: DiagnosticCode = "TOML012"
    static let tomlTrailing: DiagnosticCode = "TOML013"
    static let tomlDuplicateKey: DiagnosticCode = "TOML014"
    static let tomlRedefinition: DiagnosticCode = "TOML015"
    static let tomlTooDeep: DiagnosticCode = "TOML016"
    static let tomlGivenUp: DiagnosticCode = "TOML017"
    static let tomlNew: DiagnosticCode = "TOML018"
}

extension TOMLDocument {
    /// What the TOML reader reports.
    public static let pages: [DiagnosticPage] = [
        page(
            .tomlNotUTF8, "TOML text is not UTF-8",
            "TOML requires UTF-8. The file holds bytes that do not form a character of it.", "Save the file as UTF-8."),
        page(
            .tomlControl, "control character in TOML text",
            "Control characters other than the tab are not allowed in comments and strings, and a carriage return only before a line feed.",
            "Remove the character, or write it as an escape in a string with double quotes."),
        page(
            .tomlKey, "malformed TOML key",
            "A line must be 'key = value'. A bare key consists of A-Z a-z 0-9 _ and -; other keys need quotes.",
            "Correct the key, or put it in quotes."),
        page(
            .tomlHeader, "malformed TOML table header",
            "A table starts with '[name]', an element of an array of tables with '[[name]]', alone on its line.", "Correct the header."),
        page(
            .tomlValue, "TOML value missing or unknown",
            "What stands behind '=' is no string, number, boolean, date, array or table. Unlike in INI files strings always need quotes.",
            "Write a value; put a string in quotes."),
        page(
            .tomlString, "TOML string is not closed",
            "A string in single quotation marks ends on its own line; one in triple marks ends with the same three.",
            "Close the string."),
        page(
            .tomlEscape, "unknown escape in a TOML string",
            "A string in double quotes knows the escapes \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX, since TOML 1.1 \\e and \\xXX as well, and no others.",
            "Double the backslash, or use single quotes, between which it is an ordinary character."),
        page(
            .tomlNumber, "malformed TOML number",
            "Numbers have no leading zeros, digits on both sides of the point, and underscores only between digits.",
            "Correct the number, or put it in quotes if it is text."),
        page(
            .tomlRange, "TOML number out of range", "Integers are 64 bits with sign, floats are 64 bits.", "Use a number that fits."),
        page(
            .tomlDateTime, "malformed TOML date or time",
            "Dates and times are written as in RFC 3339, such as 1979-05-27T07:32:00Z, and must exist in the calendar.",
            "Correct the date, or put it in quotes if it is text."),
        page(
            .tomlArray, "malformed TOML array", "The values of an array stand between brackets, with commas between them.",
            "Add what is missing."),
        page(
            .tomlInlineTable, "malformed TOML inline table",
            "An inline table stands between braces, with commas between its keys; before TOML 1.1 on one line, and without a comma behind the last.",
            "Correct it, or write the table under a header of its own."),
        page(
            .tomlTrailing, "text behind a TOML value",
            "Behind a value or a table header nothing but a comment may stand on the line.", "Remove it, or put it on a line of its own."),
        page(
            .tomlDuplicateKey, "TOML key is set twice", "A key occurs twice in one table. Neither of them can be preferred.",
            "Remove the one that is not meant."),
        page(
            .tomlRedefinition, "TOML table is defined twice",
            "A table may be defined in one place only, and a name cannot be both a table and another value.",
            "Join the tables, or rename one."),
        page(
            .tomlTooDeep, "TOML values nested too deeply",
            "The reader stops at \(ReadingLimits.depth) tables or arrays inside each other. No file that we know comes near this.",
            "Check what made the file."),
        page(
            .tomlGivenUp, "too many problems in a TOML file",
            "The reader stops after \(ReadingLimits.diagnostics) problems. The file is most likely no TOML at all.",
            "Correct the first problems and try again."),
        page(
            .tomlNew, "new in TOML 1.1", severity: .note,
            """
            Line ends, comments and a last comma in inline tables, the escapes \\e and \\x41, and times without seconds came with TOML 1.1. \
            Kata's runtimes read them from 3.28 on, CRI-O from 1.35.1 on; older ones and containerd refuse the file.
            """, "Nothing, unless an older program reads the file too."),
    ]

    private static func page(
        _ code: DiagnosticCode, _ title: String, severity: Severity = .error, _ explanation: String, _ remedy: String
    ) -> DiagnosticPage {
        DiagnosticPage(code: code, title: title, severity: severity, explanation: explanation, remedy: remedy)
    }
}
