// SPDX-License-Identifier: Apache-2.0

internal import KataText
internal import SystemPackage

/// A JSON value under construction, so that the shape of a report stands in one place instead of in every type that occurs in it. What is
/// in a list is made when it is written, one after the other: a host may have thousands of sandboxes.
enum ReportValue: Encodable {
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case list(count: Int, element: (Int) -> ReportValue)
    /// Keys are sorted when it is written.
    case object([String: ReportValue])

    /// What is unknown or does not apply is null, and never left out, so that readers need not tell the two apart.
    static func text(_ value: String?) -> ReportValue { value.map(ReportValue.string) ?? .null }
    static func path(_ value: FilePath?) -> ReportValue { text(value?.string) }
    static func number(_ value: (some BinaryInteger)?) -> ReportValue { value.map { .integer(Int64(clamping: $0)) } ?? .null }

    static func list<Element>(_ values: some Sequence<Element>, _ each: @escaping (Element) -> ReportValue) -> ReportValue {
        let values = Array(values)
        return .list(count: values.count) { each(values[$0]) }
    }

    static func list<Element>(_ values: (some Sequence<Element>)?, _ each: @escaping (Element) -> ReportValue) -> ReportValue {
        values.map { .list($0, each) } ?? .null
    }

    static func array(_ values: [ReportValue]) -> ReportValue { .list(values) { $0 } }

    func encode(to encoder: any Encoder) throws {
        func encode(_ value: some Encodable) throws {
            var container = encoder.singleValueContainer()
            try container.encode(value)
        }
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value): try encode(value)
        case .integer(let value): try encode(value)
        case .string(let value): try encode(value)
        case .list(let count, let element):
            var container = encoder.unkeyedContainer()
            for index in 0..<count { try container.encode(element(index)) }
        case .object(let members): try encode(members)
        }
    }

    /// Indented by two spaces, with a line feed at its end.
    var rendered: String { String(decoding: bytes, as: UTF8.self) }

    /// The same for a file: for a thousand sandboxes it has megabytes, which need not be there twice.
    var bytes: [UInt8] {
        do {
            return try encodeJSON(self, pretty: true)
        } catch {
            // encodeJSON refuses numbers that JSON cannot spell; there are none among the cases.
            preconditionFailure("a report without floating point numbers could not be encoded: \(error)")
        }
    }
}

extension ReportValue {
    static func diagnostic(_ diagnostic: Diagnostic) -> ReportValue {
        .object([
            "severity": .string(diagnostic.severity.rawValue), "code": .string(diagnostic.code.rawValue),
            "message": .string(diagnostic.message), "path": .path(diagnostic.path), "line": .number(diagnostic.range?.start.line),
            "column": .number(diagnostic.range?.start.column), "notes": .list(diagnostic.notes, ReportValue.string),
        ])
    }

    static func observation(_ seen: Observation) -> ReportValue {
        .object([
            "path": .path(seen.path), "target": .path(seen.target), "kind": .string(seen.kind.rawValue),
            "digest": .text(seen.digest.map { "sha256:" + $0 }), "size": .number(seen.size), "mode": .text(seen.modeDigits),
            "owner": .number(seen.owner), "group": .number(seen.group),
        ])
    }
}
