// SPDX-License-Identifier: Apache-2.0

import KataText
import SystemPackage
import Testing

@Suite("JSON editing")
struct JSONEditingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let before: String
        let changes: [JSONChange]
        let after: String
        var testDescription: String { name }
    }

    private static let runtime = JSONEmission.object([.init("path", .string("/usr/bin/r")), .init("runtimeArgs", .array([.string("-d")]))])

    static let cases: [Case] = [
        Case(
            name: "a value is replaced, all else stays", before: "{\"a\" :  1.0 ,\n\t\"b\": [ 2 ]}\n",
            changes: [.set(["b"], .string("x"))], after: "{\"a\" :  1.0 ,\n\t\"b\": \"x\"}\n"),
        Case(name: "an equal value keeps its spelling", before: "{\"a\":1.0}", changes: [.set(["a"], .integer(1))], after: "{\"a\":1.0}"),
        Case(
            name: "a new member follows the last one as it is written", before: "{\r\n\t\"a\" : 1\r\n}\r\n",
            changes: [.set(["b"], .bool(true))], after: "{\r\n\t\"a\" : 1,\r\n\t\"b\" : true\r\n}\r\n"),
        Case(
            name: "objects on the way are made once", before: "{\n  \"a\": 1\n}\n",
            changes: [.set(["runtimes", "x"], runtime), .set(["runtimes", "y", "path"], .string("r")), .set(["b"], .null)],
            after: """
                {
                  "a": 1,
                  "runtimes": {
                    "x": {
                      "path": "/usr/bin/r",
                      "runtimeArgs": ["-d"]
                    },
                    "y": {
                      "path": "r"
                    }
                  },
                  "b": null
                }

                """),
        Case(
            name: "a document on one line stays on it", before: "{\"a\":{}}", changes: [.set(["a", "x"], runtime)],
            after: "{\"a\":{ \"x\": { \"path\": \"/usr/bin/r\", \"runtimeArgs\": [\"-d\"] } }}"),
        Case(
            name: "an empty document gets lines", before: "{}\n", changes: [.set(["a", "b"], .integer(1))],
            after: "{\n    \"a\": {\n        \"b\": 1\n    }\n}\n"),
        Case(
            name: "the first members go with the comma behind them", before: "{\n \"a\": 1,\n \"b\": 2,\n \"c\": 3\n}",
            changes: [.remove(["a"]), .remove(["b"])], after: "{\n \"c\": 3\n}"),
        Case(
            name: "inner and last members go with the comma before them", before: "{\"a\": 1, \"b\": 2 , \"c\": 3 }",
            changes: [.remove(["b"]), .remove(["c"])], after: "{\"a\": 1 }"),
        Case(
            name: "a key that is there twice goes twice", before: "{\"a\": 1, \"b\": 2, \"a\": 3}", changes: [.remove(["a"])],
            after: "{\"b\": 2}"),
        Case(
            name: "all members go and another comes", before: "{\n  \"a\": 1,\n  \"b\": 2\n}",
            changes: [.remove(["a"]), .remove(["b"]), .set(["c"], .integer(3))], after: "{\n  \"c\": 3\n}"),
        Case(name: "what is not there need not go", before: "{\"a\": 1}", changes: [.remove(["x", "y"])], after: "{\"a\": 1}"),
    ]

    @Test("each change makes the bytes it says, and only once", arguments: cases)
    func bytes(_ sample: Case) throws {
        let source = SourceText(path: "j", text: sample.before)
        let document = try #require(JSONDocument.parse(source).value)
        let bytes = try #require(source.applying(try document.edits(making: sample.changes)))
        #expect(String(decoding: bytes, as: UTF8.self) == sample.after)
        let again = try #require(JSONDocument.parse(SourceText(path: "j", bytes: bytes)).value)
        #expect(try again.edits(making: sample.changes) == [])
    }

    @Test("changes that contradict the document or each other are refused")
    func refused() throws {
        let document = try #require(JSONDocument.parse(SourceText(path: "j", text: "{\"a\": 1}")).value)
        #expect(throws: DocumentEditError.notATable(path: ["a"])) { try document.edits(making: [.set(["a", "b"], .null)]) }
        #expect(throws: DocumentEditError.contradiction(path: ["n"])) {
            try document.edits(making: [.set(["n"], .null), .remove(["n", "m"])])
        }
        let list = try #require(JSONDocument.parse(SourceText(path: "j", text: "[]")).value)
        #expect(throws: DocumentEditError.notATable(path: [])) { try list.edits(making: [.set(["a"], .null)]) }
    }

    @Test("whatever an object holds, any set of members can go and others come")
    func anySet() throws {
        for text in ["{\"a\":1,\"b\":2,\"c\":3,\"d\":4}", "{\n\t\"a\": 1,\n\t\"b\": 2,\n\n\t\"c\": 3,\n\t\"d\": 4 }\n"] {
            for mask in 0..<32 {
                let names = ["a", "b", "c", "d"].enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
                let changes = names.map { JSONChange.remove([$0]) } + (mask & 16 == 16 ? [.set(["e"], .integer(5))] : [])
                let source = SourceText(path: "j", text: text)
                let document = try #require(JSONDocument.parse(source).value)
                let bytes = try #require(source.applying(try document.edits(making: changes)))
                let again = try #require(JSONDocument.parse(SourceText(path: "j", bytes: bytes)).value, "\(changes)")
                let wanted = ["a", "b", "c", "d"].filter { !names.contains($0) } + (mask & 16 == 16 ? ["e"] : [])
                #expect(again.root.object?.map(\.key) == wanted)
            }
        }
    }
}
