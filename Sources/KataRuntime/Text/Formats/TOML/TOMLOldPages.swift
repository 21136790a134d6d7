// SPDX-License-Identifier: Apache-2.0

extension DiagnosticCode {
    static let tomlOldControl: DiagnosticCode = "TOML020"
    static let tomlOldUTF8: DiagnosticCode = "TOML021"
    static let tomlOldLine: DiagnosticCode = "TOML022"
    static let tomlOldEnd: DiagnosticCode = "TOML023"
    static let tomlOldNumber: DiagnosticCode = "TOML024"
    static let tomlOldInlineTable: DiagnosticCode = "TOML025"
    static let tomlOldKey: DiagnosticCode = "TOML026"
    static let tomlOldString: DiagnosticCode = "TOML027"
    static let tomlOldTable: DiagnosticCode = "TOML028"
    static let tomlNewer: DiagnosticCode = "TOML029"
}

extension TOMLDocument {
    /// What reading by the rules of a parser of old reports besides.
    public static let oldPages: [DiagnosticPage] = [
        page(
            .tomlOldControl, "control character in old TOML text",
            "The parser of its day took control characters in strings and comments; TOML 1.0 does not. The character is part of the text.",
            "Remove the character, or write it as an escape in a string with double quotes."),
        page(
            .tomlOldUTF8, "old TOML text is not UTF-8",
            """
            The parser of its day took bytes that are not UTF-8 in strings and comments. Between double quotes it made U+FFFD of them, as is \
            done here; between single quotes it kept them, which cannot be done here.
            """, "Save the file as UTF-8. If a path holds such bytes, rename the file that it names."),
        page(
            .tomlOldLine, "carriage return ends a line of old TOML",
            "To the parser of its day a carriage return alone ended a line, also one of a comment; what follows it is a line of its own. "
                + "It is reported once for a file.", "End lines with line feeds."),
        page(
            .tomlOldEnd, "NUL ends an old TOML file",
            "The parser of its day took a NUL behind a value or header for the end of the file. What follows it was never read.",
            "Remove the NUL and everything behind it; or the NUL alone, if what follows is to have effect at last."),
        page(
            .tomlOldNumber, "loose number or date in old TOML",
            """
            The parser of its day read a number with zeros in front as decimal, an underscore behind the sign of an exponent or before a \
            point, and an hour of one digit. TOML 1.0 refuses them all; the message shows what is meant today.
            """, "Write it as the message shows."),
        page(
            .tomlOldInlineTable, "loose inline table in old TOML",
            """
            BurntSushi/toml 0.3 took a comma before the closing brace, go-toml 1 line ends behind the opening brace and commas; of a key that \
            an inline table has twice both took the last.
            """, "Remove the comma, write the table on one line or below a header, or remove the value that had no effect."),
        page(
            .tomlOldKey, "string in triple quotes as a key of old TOML",
            "To the parser of its day any string could be a key. TOML 1.0 takes those in single and double quotes only.",
            "Write the key with one quote on either side."),
        page(
            .tomlOldString, "string that TOML 1.0 reads otherwise",
            """
            Between triple quotes BurntSushi/toml 0.3 kept a carriage return and line feed directly behind the opening quotes, took out a \
            backslash before a line feed even where another one escapes it, and with it every kind of white space that follows. go-toml 1 \
            took line ends between single quotes, the escape \\/, white space of any kind behind a backslash, which went, and escapes of \
            what is no character, which became U+FFFD. The string is kept as it was read.
            """, "Write the string between single quotation marks on one line."),
        page(
            .tomlOldTable, "table that TOML 1.0 does not let anyone define like this",
            """
            BurntSushi/toml 0.3 let a header extend an inline table, and held a table that other headers had named for not yet defined \
            wherever its name came again: a key of that name had no effect, and a header of that name went on with what was there. go-toml 1 \
            knew a header again by its spelling only, so that one of other quotes or blanks went on with the table; it let headers and \
            dotted keys extend each other's tables, and keys stand behind a header on its line.
            """, "Write each table in one place, and remove what had no effect."),
        page(
            .tomlNewer, "newer TOML than the program's parser knew", severity: .error,
            """
            TOML 1.0 allows this, but the parser that the legacy program was built with refused it, so the program did not start with this \
            file: dotted keys, arrays of several types, inf and nan, hexadecimal, octal and binary integers, times without a date, a blank \
            or small letters in a date, the second 60, a byte order mark.
            """, "Nothing that worked can depend on it: write it as TOML 0.4, or find the file that was in use."),
    ]

    private static func page(
        _ code: DiagnosticCode, _ title: String, severity: Severity = .warning, _ explanation: String, _ remedy: String
    ) -> DiagnosticPage {
        DiagnosticPage(code: code, title: title, severity: severity, explanation: explanation, remedy: remedy)
    }
}
