// SPDX-License-Identifier: Apache-2.0

/// The stable name of one kind of problem, such as `TOML011`; it is looked up in Docs and never reused.
public struct DiagnosticCode: RawRepresentable, Hashable, Sendable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// As printed between brackets.
    public let rawValue: String

    /// Any text; tests hold the codes in use against their pages.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Same as `init(rawValue:)`.
    public init(stringLiteral value: String) { self.init(rawValue: value) }

    /// The code itself.
    public var description: String { rawValue }

    /// Order of the text.
    public static func < (a: DiagnosticCode, b: DiagnosticCode) -> Bool { a.rawValue < b.rawValue }
}

/// What follows from a diagnostic: only an `error` makes the file unusable.
public enum Severity: String, Sendable, Hashable, CaseIterable {
    case error
    case warning
    case note
}

/// The documentation of one code, kept as data so that Docs, SARIF rules and `explain` say the same.
public struct DiagnosticPage: Sendable, Equatable {
    /// The code that the page explains.
    public let code: DiagnosticCode
    /// One line, no period.
    public let title: String
    /// With which severity it is reported.
    public let severity: Severity
    /// What it means, in full sentences.
    public let explanation: String
    /// What the reader of the message should do.
    public let remedy: String

    /// All five are required: a code without a remedy helps nobody.
    public init(code: DiagnosticCode, title: String, severity: Severity, explanation: String, remedy: String) {
        self.code = code
        self.title = title
        self.severity = severity
        self.explanation = explanation
        self.remedy = remedy
    }
}
