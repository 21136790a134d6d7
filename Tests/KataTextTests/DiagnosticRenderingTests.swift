// SPDX-License-Identifier: Apache-2.0
import Foundation
import FoundationXML
import KataText
import SystemPackage
import Testing

private let text = SourceText(path: "/etc/a b/é.toml", text: "[x]\n\tdefualt_vcpus = \"1\"\nlast \u{1B}[31m")

private func range(_ line: Int, _ column: Int, to end: Int, offset: Int = 0) -> SourceRange {
    SourceRange(
        start: SourcePosition(line: line, column: column, offset: offset),
        end: SourcePosition(line: line, column: end, offset: offset + end - column))
}

private let findings = [
    Diagnostic(
        severity: .warning, code: "CFG001", message: "unknown key 'defualt_vcpus', did you mean 'default_vcpus'?", path: text.path,
        range: range(2, 2, to: 15), notes: ["the key is ignored"]),
    Diagnostic(severity: .error, code: "CFG002", message: "<bad> & \"worse\"\u{1B}[2J", path: text.path, range: range(3, 6, to: 6)),
    Diagnostic(severity: .note, code: "CFG001", message: "about the file", path: text.path),
    Diagnostic(severity: .note, code: "CFG003", message: "about nothing"),
]

private func rendered(_ format: DiagnosticFormat) -> String {
    render(
        findings, sources: [text.path: text], as: format, tool: "kata-test",
        pages: [DiagnosticPage(code: "CFG001", title: "unknown key", severity: .warning, explanation: "Why.", remedy: "How.")])
}

private func object(_ format: DiagnosticFormat) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(rendered(format).utf8)) as? [String: Any])
}

@Suite("Rendering of diagnostics")
struct DiagnosticRenderingTests {
    @Test("text shows place, severity, message, code, the source line, a caret under the place, and the notes")
    func textForm() {
        #expect(
            rendered(.text) == """
                /etc/a b/é.toml:2:2: warning: unknown key 'defualt_vcpus', did you mean 'default_vcpus'? [CFG001]
                    \tdefualt_vcpus = "1"
                    \t^~~~~~~~~~~~~
                  note: the key is ignored
                /etc/a b/é.toml:3:6: error: <bad> & "worse"\\u{1b}[2J [CFG002]
                    last \u{FFFD}[31m
                         ^
                /etc/a b/é.toml: note: about the file [CFG001]
                note: about nothing [CFG003]

                """)
    }

    @Test("a long line is cut around the caret")
    func longLine() throws {
        let source = SourceText(path: "t", text: String(repeating: "x", count: 5000) + "HERE" + String(repeating: "y", count: 5000))
        let finding = Diagnostic(severity: .error, code: "A", message: "m", path: "t", range: range(1, 5001, to: 5005))
        let lines = render([finding], sources: ["t": source], as: .text, tool: "t").split(separator: "\n")
        let line = try #require(lines.dropFirst().first), caret = try #require(lines.dropFirst(2).first)
        #expect(line.count < 200)
        #expect(line.dropFirst(caret.prefix { $0 == " " }.count).prefix(4) == "HERE")
        #expect(caret.hasSuffix("^~~~"))
    }

    @Test("json holds everything that a finding says")
    func jsonForm() throws {
        let report = try object(.json)
        #expect(report["tool"] as? String == "kata-test")
        #expect(report["errors"] as? Int == 1 && report["warnings"] as? Int == 1)
        let list = try #require(report["diagnostics"] as? [[String: Any]])
        #expect(list.map { $0["code"] as? String } == ["CFG001", "CFG002", "CFG001", "CFG003"])
        #expect(list[0]["line"] as? Int == 2 && list[0]["column"] as? Int == 2 && list[0]["endColumn"] as? Int == 15)
        #expect(list[0]["notes"] as? [String] == ["the key is ignored"])
        #expect(list[1]["message"] as? String == findings[1].message)
        #expect(list[3]["path"] == nil && list[3]["line"] == nil)
    }

    @Test("sarif is version 2.1.0, its results point at rules, regions and file URIs")
    func sarifForm() throws {
        let log = try object(.sarif)
        #expect(log["version"] as? String == "2.1.0")
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
        let rules = try #require(driver["rules"] as? [[String: Any]])
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(driver["name"] as? String == "kata-test")
        #expect(results.count == 4)
        for result in results {
            let index = try #require(result["ruleIndex"] as? Int)
            #expect(rules[index]["id"] as? String == result["ruleId"] as? String)
        }
        #expect((rules[0]["shortDescription"] as? [String: String])?["text"] == "unknown key")
        #expect(results.map { $0["level"] as? String } == ["warning", "error", "note", "note"])
        let location = try #require((results[0]["locations"] as? [[String: [String: Any]]])?.first?["physicalLocation"])
        #expect((location["artifactLocation"] as? [String: String])?["uri"] == "file:///etc/a%20b/%C3%A9.toml")
        #expect((location["region"] as? [String: Int]) == ["startLine": 2, "startColumn": 2, "endLine": 2, "endColumn": 15])
        #expect((results[3]["locations"] as? [Any])?.isEmpty == true)
    }

    @Test("junit is XML with one case for each finding, and only errors fail")
    func junitForm() throws {
        #expect(try JUnitCounts(rendered(.junit)) == JUnitCounts(cases: 4, failures: 1, tests: "4", reported: "1"))
        #expect(try JUnitCounts(render([], as: .junit, tool: "t<")) == JUnitCounts(cases: 1, failures: 0, tests: "1", reported: "0"))
        #expect(rendered(.junit).contains("message=\"&lt;bad&gt; &amp; &quot;worse&quot;\u{FFFD}[2J\""))
    }

    @Test("no findings give no text, but whole documents in the other forms")
    func empty() throws {
        #expect(render([], as: .text, tool: "t").isEmpty)
        for format in [DiagnosticFormat.json, .sarif] {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(render([], as: format, tool: "t").utf8)) }
        }
    }

    @Test(
        "the nearest name is suggested only when it is near",
        arguments: [
            ("defualt_vcpus", "default_vcpus"), ("Default-Memory", "default_memory"), ("defaultmemory", "default_memory"), ("pat", "path"),
            ("image", nil), ("x", nil), ("", nil), ("default_vcpus", nil),
        ])
    func nearest(name: String, expected: String?) {
        #expect(nearestName(to: name, in: ["path", "default_vcpus", "default_memory", "initrd_path"]) == expected)
    }
}

/// Reads a report with an XML parser that is not ours.
private struct JUnitCounts: Equatable {
    var cases = 0
    var failures = 0
    var tests: String?
    var reported: String?

    init(cases: Int, failures: Int, tests: String, reported: String) {
        (self.cases, self.failures, self.tests, self.reported) = (cases, failures, tests, reported)
    }

    init(_ xml: String) throws {
        let counter = ElementCounter()
        let parser = XMLParser(data: Data(xml.utf8))
        parser.delegate = counter
        try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
        cases = counter.names.count { $0 == "testcase" }
        failures = counter.names.count { $0 == "failure" }
        tests = counter.totals["tests"]
        reported = counter.totals["failures"]
    }
}

private final class ElementCounter: NSObject, XMLParserDelegate {
    var names: [String] = []
    var totals: [String: String] = [:]

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
    ) {
        names.append(name)
        if name == "testsuites" { totals = attributes }
    }
}
