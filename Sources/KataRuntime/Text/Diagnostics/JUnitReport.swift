// SPDX-License-Identifier: Apache-2.0
internal import SystemPackage

/// JUnit XML: one test case per finding; errors are failures, the rest passes with its text as output.
struct JUnitReport {
    let tool: String

    func render(_ diagnostics: [Diagnostic]) -> String {
        let failures = diagnostics.count { $0.severity == .error }
        // A report without a single case counts as broken in most CI systems, so a clean file is one passed case.
        let count = max(1, diagnostics.count)
        let totals = "name=\"\(escaped(tool))\" tests=\"\(count)\" failures=\"\(failures)\" errors=\"0\""
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites \(totals)>\n  <testsuite \(totals)>\n"
        if diagnostics.isEmpty {
            xml += "    <testcase classname=\"\(escaped(tool))\" name=\"no findings\"/>\n"
        }
        for diagnostic in diagnostics {
            xml += testCase(diagnostic)
        }
        return xml + "  </testsuite>\n</testsuites>\n"
    }

    private func testCase(_ diagnostic: Diagnostic) -> String {
        let file = diagnostic.path?.string ?? tool
        let name = [diagnostic.code.rawValue, diagnostic.location].compactMap(\.self).joined(separator: " ")
        let text = escaped(TextReport(sources: [:]).render([diagnostic]))
        let body =
            switch diagnostic.severity {
            case .error:
                "<failure type=\"\(escaped(diagnostic.code.rawValue))\" message=\"\(escaped(diagnostic.message))\">\(text)</failure>"
            case .warning, .note:
                "<system-out>\(text)</system-out>"
            }
        return "    <testcase classname=\"\(escaped(file))\" name=\"\(escaped(name))\">\n      \(body)\n    </testcase>\n"
    }

    /// XML 1.0 has no spelling for most control characters, so they become U+FFFD.
    private func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n", "\r", "\t": escaped += "&#\(scalar.value);"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
