// SPDX-License-Identifier: Apache-2.0
internal import SystemPackage

/// `path:line:col: warning: message [CODE]`, the source line, a caret.
struct TextReport {
    let sources: [FilePath: SourceText]

    /// Longer lines are cut around the caret: a minified file is one line of any length.
    private static let widestExcerpt = 160

    func render(_ diagnostics: [Diagnostic]) -> String {
        var text = ""
        for diagnostic in diagnostics {
            let place = diagnostic.location.map { "\($0.withVisibleControls): " } ?? ""
            let message = diagnostic.message.withVisibleControls
            text += "\(place)\(diagnostic.severity.rawValue): \(message) [\(diagnostic.code)]\n"
            if let path = diagnostic.path, let range = diagnostic.range, let source = sources[path] {
                text += excerpt(of: source, at: range)
            }
            for note in diagnostic.notes {
                text += "  note: \(note.withVisibleControls)\n"
            }
        }
        return text
    }

    private func excerpt(of source: SourceText, at range: SourceRange) -> String {
        let line = Array(source.line(range.start.line).unicodeScalars)
        let caret = min(range.start.column - 1, line.count)
        var marked = range.end.line == range.start.line ? range.end.column - range.start.column : line.count - caret
        let first = line.count > Self.widestExcerpt ? max(0, caret - Self.widestExcerpt / 2) : 0
        let last = min(line.count, first + Self.widestExcerpt)
        marked = max(1, min(marked, last - caret))

        var shown = String.UnicodeScalarView()
        var padding = ""
        for (index, scalar) in line[first..<last].enumerated() {
            // One mark per scalar keeps the caret under its place; a tab stays a tab in both lines.
            let isTab = scalar == "\t"
            shown.append(isTab || !scalar.isTerminalControl ? scalar : "\u{FFFD}")
            if first + index < caret { padding += isTab ? "\t" : " " }
        }
        return "    \(String(shown))\n    \(padding)^\(String(repeating: "~", count: marked - 1))\n"
    }
}
