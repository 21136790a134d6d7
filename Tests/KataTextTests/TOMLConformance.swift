// SPDX-License-Identifier: Apache-2.0
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// A tree of TOML files in the layout of toml-test: `valid/**.toml` beside the JSON of its values, `invalid/**.toml`.
struct TOMLConformanceSuite {
    let root: FilePath

    static let ours = TOMLConformanceSuite(root: Repository.fixtures.appending("toml"))
    static let corpus = TOMLConformanceSuite(root: Corpus.root.appending("toml-test"))

    /// Pairs of document and expected values; empty where there is no such tree.
    var valid: [(toml: FilePath, json: FilePath)] {
        files(below: root.appending("valid")).compactMap { toml in
            guard let name = toml.lastComponent?.string else { return nil }
            // Two cases of the suite are named with a dash in place of the dot.
            for (document, values) in [(".toml", ".json"), ("-toml", "-json")] where name.hasSuffix(document) {
                return (toml, toml.removingLastComponent().appending(String(name.dropLast(document.count)) + values))
            }
            return nil
        }
    }

    var invalid: [FilePath] {
        files(below: root.appending("invalid")).filter { $0.extension == "toml" }
    }

    private func files(below directory: FilePath) -> [FilePath] {
        guard let names = try? FileSystem.list(directory) else { return [directory] }
        return names.flatMap { files(below: directory.appending($0)) }
    }
}

/// Why a document does not have the values of its JSON; nil when it does.
func difference(_ value: TOMLValue, from expected: JSONValue, at path: String = "") -> String? {
    switch value.kind {
    case .table(let table):
        let keys = Set(table.keys)
        let wanted = Set((expected.object ?? []).map(\.key))
        guard expected.object != nil, keys == wanted else { return "\(path): keys \(keys.sorted()), expected \(wanted.sorted())" }
        for entry in table.entries {
            guard let member = expected[entry.key] else { return "\(path).\(entry.key): not expected" }
            if let found = difference(entry.value, from: member, at: "\(path).\(entry.key)") { return found }
        }
        return nil
    case .array(let elements):
        guard let wanted = expected.array, wanted.count == elements.count else { return "\(path): another array" }
        for (index, pair) in zip(elements, wanted).enumerated() {
            if let found = difference(pair.0, from: pair.1, at: "\(path)[\(index)]") { return found }
        }
        return nil
    default:
        guard let type = expected["type"]?.string, let text = expected["value"]?.string else { return "\(path): expected no scalar" }
        return isTagged(value.kind, type, text) ? nil : "\(path): \(value.kind) is not \(type) \(text)"
    }
}

private func isTagged(_ kind: TOMLValue.Kind, _ type: String, _ text: String) -> Bool {
    switch (kind, type) {
    case (.string(let value), "string"): return value.unicodeScalars.elementsEqual(text.unicodeScalars)
    case (.integer(let value), "integer"): return String(value) == text
    case (.boolean(let value), "bool"): return String(value) == text
    case (.float(let value), "float"): return value.isNaN ? text.hasSuffix("nan") : Double(text) == value
    case (.offsetDateTime(let value), "datetime"): return value.description == withoutFractionalZeros(text)
    case (.localDateTime(let value), "datetime-local"): return value.description == withoutFractionalZeros(text)
    case (.localDate(let value), "date-local"): return value.description == text
    case (.localTime(let value), "time-local"): return value.description == withoutFractionalZeros(text)
    // What a reader made an instant of that knows no other dates.
    case (.offsetDateTime(let value), "instant"): return value.description == withoutFractionalZeros(text)
    case (.localDateTime(let value), "instant"): return text.hasPrefix(value.description)
    case (.localDate(let value), "instant"): return text.hasPrefix("\(value)T00:00:00")
    default: return false
    }
}

/// `07:32:00.600000Z` is the same time as `07:32:00.6Z`.
private func withoutFractionalZeros(_ text: String) -> String {
    guard let point = text.firstIndex(of: ".") else { return text }
    let digits = text[text.index(after: point)...].prefix { $0.isNumber }
    var kept = digits
    while kept.hasSuffix("0") { kept = kept.dropLast() }
    return text[..<point] + (kept.isEmpty ? "" : ".\(kept)") + text[digits.endIndex...]
}

func source(_ path: FilePath) throws -> SourceText { SourceText(path: path, bytes: try FileSystem.read(path)) }

func checkValid(_ suite: TOMLConformanceSuite) throws -> Int {
    let cases = suite.valid
    for (toml, json) in cases {
        let parsed = TOMLDocument.parse(try source(toml))
        #expect(parsed.diagnostics.isEmpty, "\(toml): \(parsed.diagnostics.first?.message ?? "")")
        let expected = try #require(JSONDocument.parse(try source(json)).value, "\(json)")
        guard let root = parsed.value?.root else { continue }
        #expect(difference(TOMLValue(.table(root), range: root.range), from: expected.root) == nil, "\(toml)")
    }
    return cases.count
}

func checkInvalid(_ suite: TOMLConformanceSuite) throws -> Int {
    let cases = suite.invalid
    for toml in cases {
        let parsed = TOMLDocument.parse(try source(toml))
        #expect(parsed.value == nil, "\(toml) was accepted")
        #expect(parsed.diagnostics.allSatisfy { $0.severity == .error && $0.range != nil && $0.path == toml }, "\(toml)")
    }
    return cases.count
}

@Suite("TOML 1.0 conformance")
struct TOMLConformance {
    @Test("our valid documents have exactly the values of the JSON beside them")
    func oursValid() throws { #expect(try checkValid(.ours) > 0) }

    @Test("our invalid documents are refused, each problem with its place")
    func oursInvalid() throws { #expect(try checkInvalid(.ours) > 0) }

    @Test("every valid document of toml-test has exactly the values of its JSON", .needs(.corpus))
    func corpusValid() throws { #expect(try checkValid(.corpus) > 90) }

    @Test("every invalid document of toml-test is refused, each problem with its place", .needs(.corpus))
    func corpusInvalid() throws { #expect(try checkInvalid(.corpus) > 180) }
}
