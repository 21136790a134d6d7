// SPDX-License-Identifier: Apache-2.0
public import SystemPackage

/// In which form findings are printed.
public enum DiagnosticFormat: String, Sendable, CaseIterable {
    /// For people: place, message, code, source line, caret.
    case text
    /// One object of our own shape.
    case json
    /// SARIF 2.1.0, for code scanning.
    case sarif
    /// JUnit XML, for CI reports.
    case junit
}

/// Renders findings in the given order; the result ends with a line feed unless it is empty.
///
/// - Parameters:
///   - sources: the texts whose lines are shown under the findings of format `text`; others are reported without a line.
///   - tool: the program's name, where the format has a place for it.
///   - pages: what format `sarif` says about the codes that occur.
public func render(
    _ diagnostics: [Diagnostic], sources: [FilePath: SourceText] = [:], as format: DiagnosticFormat, tool: String,
    pages: [DiagnosticPage] = []
) -> String {
    switch format {
    case .text: TextReport(sources: sources).render(diagnostics)
    case .json: JSONReport(tool: tool, diagnostics: diagnostics).rendered
    case .sarif: SARIFLog(tool: tool, diagnostics: diagnostics, pages: pages).rendered
    case .junit: JUnitReport(tool: tool).render(diagnostics)
    }
}

extension String {
    /// The text as far as a message should quote it: what a hostile file calls a key may be a megabyte.
    var clipped: String {
        let head = unicodeScalars.prefix(80)
        return head.endIndex == unicodeScalars.endIndex ? self : String(head) + "…"
    }

    /// The text with control characters spelled out, so that a hostile file cannot drive the reader's terminal.
    var withVisibleControls: String {
        guard unicodeScalars.contains(where: \.isTerminalControl) else { return self }
        var visible = ""
        for scalar in unicodeScalars {
            if scalar.isTerminalControl {
                visible += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                visible.unicodeScalars.append(scalar)
            }
        }
        return visible
    }
}

extension Unicode.Scalar {
    /// C0, DEL, C1, line and paragraph separators, and the marks that reverse the direction of writing or show nothing.
    var isTerminalControl: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF: true
        default: false
        }
    }
}
