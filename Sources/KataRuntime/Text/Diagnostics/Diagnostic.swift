// SPDX-License-Identifier: Apache-2.0
public import SystemPackage

/// One finding about a file.
public struct Diagnostic: Sendable, Equatable {
    /// Whether the file can still be used.
    public var severity: Severity
    /// Names the kind of problem.
    public var code: DiagnosticCode
    /// One line, lower case, no period.
    public var message: String
    /// The file; nil when the finding is about no file.
    public var path: FilePath?
    /// The place in the file; nil when it is about the file as a whole.
    public var range: SourceRange?
    /// Further lines, each printed as a note of its own.
    public var notes: [String]

    /// A finding; leave out what does not apply.
    public init(
        severity: Severity, code: DiagnosticCode, message: String, path: FilePath? = nil, range: SourceRange? = nil, notes: [String] = []
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.path = path
        self.range = range
        self.notes = notes
    }

    /// `path:line:col`, as much of it as is known; nil without a path.
    public var location: String? {
        guard let path else { return nil }
        guard let start = range?.start else { return path.string }
        return "\(path.string):\(start.line):\(start.column)"
    }
}

/// What a reader made of bytes: findings always, a value when nothing stands against using it.
public struct Parsed<Value> {
    /// What could be read in spite of errors; only for reporting further problems of the same file, never to act upon.
    public var partial: Value?
    /// In the order of the file.
    public var diagnostics: [Diagnostic]

    /// Nil as soon as one diagnostic is an error, so that a broken file cannot be used by mistake.
    public var value: Value? { hasErrors ? nil : partial }

    /// `value` may be given beside errors; it is then only reachable as `partial`.
    public init(value: Value?, diagnostics: [Diagnostic] = []) {
        self.partial = value
        self.diagnostics = diagnostics
    }

    /// Whether the file cannot be used.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// The same findings about a value made from this one.
    public func map<Other>(_ transform: (Value) -> Other) -> Parsed<Other> {
        Parsed<Other>(value: partial.map(transform), diagnostics: diagnostics)
    }
}

extension Parsed: Sendable where Value: Sendable {}
