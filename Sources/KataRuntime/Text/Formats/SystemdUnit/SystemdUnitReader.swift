// SPDX-License-Identifier: Apache-2.0

/// Reads units the way systemd's own conf-parser does.
struct SystemdUnitReader {
    private let source: SourceText
    private var cursor: ByteCursor
    private var diagnostics: [Diagnostic] = []
    private var finished: [SystemdSection] = []
    private var open: (name: String, range: SourceRange, assignments: [SystemdAssignment])?

    init(_ source: SourceText) {
        self.source = source
        self.cursor = ByteCursor(source.bytes)
    }

    mutating func read() -> Parsed<SystemdUnitDocument> {
        if let offset = firstInvalidUTF8(in: source.bytes) {
            let range = SourceRange(at: source.position(at: offset))
            report(.error, .unitNotUTF8, "invalid UTF-8 in unit file", range)
            return Parsed(value: nil, diagnostics: diagnostics)
        }
        while let line = logicalLine() {
            statement(line)
        }
        closeSection()
        return Parsed(value: SystemdUnitDocument(source: source, sections: finished), diagnostics: diagnostics)
    }

    /// The next line that is no comment, with what continues it; nil at the end. Comments between continued lines are left out.
    private mutating func logicalLine() -> SystemdLogicalLine? {
        var logical: SystemdLogicalLine?
        while !cursor.atEnd {
            let start = cursor.position
            cursor.advance { $0 != 0x0A }
            var line = cursor.bytes[start.offset..<cursor.offset]
            cursor.advance()
            if line.last == 0x0D { line = line.dropLast() }
            let first = line.first { !isUnitBlank($0) }
            if first == UInt8(ascii: "#") || first == UInt8(ascii: ";") { continue }
            var joined = logical ?? SystemdLogicalLine()
            joined.append(line, at: start)
            guard joined.endsWithBackslash else { return joined }
            joined.continueLine()
            logical = joined
        }
        return logical
    }

    private mutating func statement(_ line: SystemdLogicalLine) {
        let whole = line.trimmed(0..<line.bytes.count)
        guard let first = whole.first else { return }
        if line.bytes[first] == UInt8(ascii: "[") {
            section(line, whole)
        } else {
            assignment(line, whole)
        }
    }

    private mutating func section(_ line: SystemdLogicalLine, _ whole: Range<Int>) {
        let range = line.range(whole)
        guard whole.count > 2, line.bytes[whole.upperBound - 1] == UInt8(ascii: "]") else {
            return report(.error, .unitSection, "a section header is written '[Name]'", range)
        }
        closeSection()
        open = (line.text(whole.dropFirst().dropLast()), range, [])
    }

    private mutating func assignment(_ line: SystemdLogicalLine, _ whole: Range<Int>) {
        guard let sign = line.bytes[whole].firstIndex(of: UInt8(ascii: "=")) else {
            return report(.warning, .unitNoAssignment, "the line has no '=' and is ignored", line.range(whole))
        }
        let key = line.trimmed(whole.lowerBound..<sign)
        guard !key.isEmpty else {
            return report(.warning, .unitNoAssignment, "the line has no key before '=' and is ignored", line.range(whole))
        }
        guard open != nil else {
            return report(.warning, .unitNoSection, "the assignment stands before any section and is ignored", line.range(key))
        }
        let value = line.trimmed((sign + 1)..<line.bytes.count)
        let valueRange = value.isEmpty ? SourceRange(at: line.range(sign..<(sign + 1)).end) : line.range(value)
        open?.assignments.append(
            SystemdAssignment(
                key: line.text(key), keyRange: line.range(key), value: line.text(value), valueRange: valueRange, logical: line,
                valueOffsets: value))
    }

    private mutating func closeSection() {
        guard let section = open else { return }
        finished.append(SystemdSection(name: section.name, range: section.range, assignments: section.assignments))
        open = nil
    }

    private mutating func report(_ severity: Severity, _ code: DiagnosticCode, _ message: String, _ range: SourceRange) {
        // Errors are always kept: they decide whether the unit can be used.
        guard diagnostics.count < ReadingLimits.diagnostics || severity == .error && diagnostics.count < 2 * ReadingLimits.diagnostics
        else { return }
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }
}
