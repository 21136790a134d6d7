// SPDX-License-Identifier: Apache-2.0
import Foundation
import KataSystem
import KataText
import SystemPackage
import Testing

private struct Sample: Codable, Equatable {
    enum Mode: String, Codable { case fast, slow }
    struct Mount: Codable, Equatable {
        var source: String
        var options: [String]?
        var uid: UInt32
    }
    var name: String
    var enabled: Bool
    var ratio: Double
    var limit: UInt64
    var low: Int64
    var mode: Mode?
    var mounts: [Mount]
    var labels: [String: String]
    var path: FilePath
    var sizes: [Int: UInt8]
    var nothing: Int?
}

private struct Port: Decodable {
    struct Refused: FaultyError {
        let number: Int
        var fault: Fault { .user }
        var description: String { "take port \(number)" }
    }
    init(from decoder: any Decoder) throws {
        let number = try decoder.singleValueContainer().decode(Int.self)
        guard number < 65536 else { throw Refused(number: number) }
    }
}

private struct Service: Decodable {
    var ports: [Port]
}

private let sample = Sample(
    name: "a \"quoted\"\n\u{1}é😀/", enabled: true, ratio: 0.1, limit: .max, low: .min, mode: .slow,
    mounts: [.init(source: "/x", options: nil, uid: 0), .init(source: "", options: [], uid: .max)], labels: ["b": "1", "a": "2", "": "3"],
    path: "/usr/bin", sizes: [1: 2], nothing: nil)

private func document(_ text: String) throws -> JSONDocument {
    try #require(JSONDocument.parse(SourceText(path: "config.json", text: text)).value)
}

@Suite("JSON coding")
struct JSONCodingTests {
    @Test("what was encoded decodes to an equal value", arguments: [false, true])
    func roundTrip(pretty: Bool) throws {
        let bytes = try encodeJSON(sample, pretty: pretty)
        let read = try #require(JSONDocument.parse(SourceText(path: "t", bytes: bytes)).value)
        #expect(try read.decode(Sample.self) == sample)
    }

    @Test("an independent reader sees the same values in what was encoded")
    func independentReader() throws {
        let object = try JSONSerialization.jsonObject(with: Data(encodeJSON(sample))) as? [String: Any]
        let read = try #require(object)
        #expect(read["name"] as? String == sample.name)
        #expect((read["limit"] as? NSNumber)?.uint64Value == .max)
        #expect((read["low"] as? NSNumber)?.int64Value == .min)
        #expect(read["ratio"] as? Double == 0.1)
        #expect(read["path"] as? String == "/usr/bin")
        #expect(read["nothing"] == nil)
        #expect(read["labels"] as? [String: String] == sample.labels)
    }

    @Test("keys are sorted by their bytes; pretty text is indented by two and ends with a line feed")
    func layout() throws {
        struct Shape: Encodable {
            var b = [1, 2]
            var a: [String: [Int]] = ["z": [], "é": [1], "Z": []]
        }
        #expect(String(decoding: try encodeJSON(Shape()), as: UTF8.self) == #"{"a":{"Z":[],"z":[],"é":[1]},"b":[1,2]}"#)
        #expect(
            String(decoding: try encodeJSON(Shape(), pretty: true), as: UTF8.self) == """
                {
                  "a": {
                    "Z": [],
                    "z": [],
                    "é": [
                      1
                    ]
                  },
                  "b": [
                    1,
                    2
                  ]
                }

                """)
    }

    @Test("a number that JSON cannot spell is refused", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(value: Double) {
        #expect(throws: EncodingError.self) { try encodeJSON(["x": value]) }
    }

    @Test(
        "a value that does not fit is reported with path, line, column and key path",
        arguments: [
            ("{}", "config.json:1:1: decode document: key 'name' is missing"),
            ("{\"nmae\": 1}", "config.json:1:1: decode document: key 'name' is missing, did you mean 'nmae'?"),
            ("[]", "config.json:1:1: decode document: expected an object, found an array"),
            ("{\n \"name\": 5}", "config.json:2:10: decode 'name': expected a string, found a number"),
            ("{\"name\":\"\",\"enabled\":null}", "config.json:1:22: decode 'enabled': expected true or false, found null"),
        ])
    func located(text: String, expected: String) throws {
        let document = try document(text)
        let error = try #require(throws: LocatedError.self) { try document.decode(Sample.self) }
        #expect(error.description == expected)
        #expect(error.fault == .user)
        #expect(error.diagnostic.range == error.range)
    }

    @Test(
        "errors inside arrays and objects name the way to them",
        arguments: [
            (
                "[{\"source\":\"\",\"uid\":0},\n{\"source\":\"\",\"uid\":-1}]",
                "config.json:2:20: decode '[1].uid': -1 is not an integer from 0 to 4294967295"
            ),
            ("[{\"source\":\"\",\"uid\":1.5}]", "config.json:1:21: decode '[0].uid': 1.5 is not an integer from 0 to 4294967295"),
            (
                "[{\"source\":\"\",\"uid\":0,\"options\":[\"a\",{}]}]",
                "config.json:1:38: decode '[0].options[1]': expected a string, found an object"
            ),
            ("[{\"source\":\"\"}]", "config.json:1:2: decode '[0]': key 'uid' is missing"),
        ])
    func nested(text: String, expected: String) throws {
        let document = try document(text)
        let error = try #require(throws: LocatedError.self) { try document.decode([Sample.Mount].self) }
        #expect(error.description == expected)
    }

    @Test("an unknown enum value is reported at its place")
    func unknownCase() throws {
        let document = try document("[\"fast\",\n \"medium\"]")
        let error = try #require(throws: LocatedError.self) { try document.decode([Sample.Mode].self) }
        #expect(error.range.start.line == 2)
        #expect(error.keyPath == "[1]")
    }

    @Test("a path with a NUL in it is refused")
    func nulInPath() throws {
        let document = try document("[\"/a\", \"/b\\u0000c\"]")
        let error = try #require(throws: LocatedError.self) { try document.decode([FilePath].self) }
        #expect(error.description == "config.json:1:8: decode '[1]': a path cannot hold the character NUL")
    }

    @Test("an error of the decoded type itself becomes the cause, with the place of its value")
    func foreignError() throws {
        let document = try document("{\"ports\": [80,\n  70000]}")
        let error = try #require(throws: LocatedError.self) { try document.decode(Service.self) }
        #expect(errorChain(error) == "config.json:2:3: decode 'ports[1]': value is not acceptable: take port 70000")
    }

    @Test("unknown keys are ignored and of equal keys the last one counts")
    func lenient() throws {
        let mount = try document(#"{"source": "a", "x": [], "uid": 1, "source": "b"}"#).decode(Sample.Mount.self)
        #expect(mount == Sample.Mount(source: "b", options: nil, uid: 1))
    }
}
