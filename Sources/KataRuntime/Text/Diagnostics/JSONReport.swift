// SPDX-License-Identifier: Apache-2.0
internal import SystemPackage

/// Our own machine-readable form of a list of findings.
struct JSONReport: Encodable {
    struct Finding: Encodable {
        let severity: String
        let code: String
        let message: String
        let path: String?
        let line: Int?
        let column: Int?
        let endLine: Int?
        let endColumn: Int?
        let notes: [String]
    }

    let tool: String
    let version = 1
    let errors: Int
    let warnings: Int
    let diagnostics: [Finding]

    init(tool: String, diagnostics: [Diagnostic]) {
        self.tool = tool
        self.errors = diagnostics.count { $0.severity == .error }
        self.warnings = diagnostics.count { $0.severity == .warning }
        self.diagnostics = diagnostics.map {
            Finding(
                severity: $0.severity.rawValue, code: $0.code.rawValue, message: $0.message, path: $0.path?.string,
                line: $0.range?.start.line, column: $0.range?.start.column, endLine: $0.range?.end.line,
                endColumn: $0.range?.end.column, notes: $0.notes)
        }
    }

    var rendered: String { renderedReport(self) }
}

/// The pretty JSON of a report, which holds nothing that JSON cannot say.
func renderedReport(_ report: some Encodable) -> String {
    do {
        return String(decoding: try encodeJSON(report, pretty: true), as: UTF8.self)
    } catch {
        preconditionFailure("a report consists of strings and integers only: \(error)")
    }
}
