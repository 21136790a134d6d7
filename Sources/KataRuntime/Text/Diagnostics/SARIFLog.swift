// SPDX-License-Identifier: Apache-2.0
internal import SystemPackage

/// One run in the Static Analysis Results Interchange Format 2.1.0 (OASIS).
struct SARIFLog: Encodable {
    let schema = "https://json.schemastore.org/sarif-2.1.0.json"
    let version = "2.1.0"
    let runs: [Run]

    enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version
        case runs
    }

    init(tool: String, diagnostics: [Diagnostic], pages: [DiagnosticPage]) {
        let codes = Array(Set(diagnostics.map(\.code))).sorted()
        let places = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($0.element, $0.offset) })
        let rules = codes.map { code in Rule(code: code, page: pages.first { $0.code == code }) }
        let results = diagnostics.map { Result($0, ruleIndex: places[$0.code] ?? -1) }
        self.runs = [Run(tool: Tool(driver: Driver(name: tool, rules: rules)), results: results)]
    }

    var rendered: String { renderedReport(self) }

    struct Run: Encodable {
        let tool: Tool
        // Columns count Unicode scalars, not the UTF-16 units that the format takes by default.
        let columnKind = "unicodeCodePoints"
        let results: [Result]
    }

    struct Tool: Encodable {
        let driver: Driver
    }

    struct Driver: Encodable {
        let name: String
        let rules: [Rule]
    }

    struct Message: Encodable {
        let text: String
    }

    struct Rule: Encodable {
        let id: String
        let shortDescription: Message?
        let fullDescription: Message?
        let help: Message?

        init(code: DiagnosticCode, page: DiagnosticPage?) {
            self.id = code.rawValue
            self.shortDescription = page.map { Message(text: $0.title) }
            self.fullDescription = page.map { Message(text: $0.explanation) }
            self.help = page.map { Message(text: $0.remedy) }
        }
    }

    struct Result: Encodable {
        let ruleId: String
        let ruleIndex: Int
        let level: String
        let message: Message
        let locations: [Location]

        init(_ diagnostic: Diagnostic, ruleIndex: Int) {
            self.ruleId = diagnostic.code.rawValue
            self.ruleIndex = ruleIndex
            self.level = diagnostic.severity.rawValue
            self.message = Message(text: ([diagnostic.message] + diagnostic.notes).joined(separator: "\n"))
            self.locations = diagnostic.path.map { [Location(path: $0, range: diagnostic.range)] } ?? []
        }
    }

    struct Location: Encodable {
        let physicalLocation: PhysicalLocation

        init(path: FilePath, range: SourceRange?) {
            self.physicalLocation = PhysicalLocation(artifactLocation: Artifact(uri: uri(of: path)), region: range.map(Region.init))
        }
    }

    struct PhysicalLocation: Encodable {
        let artifactLocation: Artifact
        let region: Region?
    }

    struct Artifact: Encodable {
        let uri: String
    }

    struct Region: Encodable {
        let startLine: Int
        let startColumn: Int
        let endLine: Int
        let endColumn: Int

        init(_ range: SourceRange) {
            self.startLine = range.start.line
            self.startColumn = range.start.column
            self.endLine = range.end.line
            self.endColumn = range.end.column
        }
    }
}

/// RFC 3986: an absolute path becomes a `file:` URI, a relative one stays relative.
private func uri(of path: FilePath) -> String {
    var uri = path.isAbsolute ? "file://" : ""
    for byte in path.string.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            uri.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            uri += byte < 16 ? "%0\(digits)" : "%\(digits)"
        }
    }
    return uri
}
