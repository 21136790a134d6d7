// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataConfig
import KataSystem
import KataText
import Testing

@Suite struct KeyTableTests {
    @Test func `every key of Kata's releases is in the table with its type and first release`() throws {
        let text = try String(contentsOfFile: "\(GoldenCase.root)/keys.tsv", encoding: .utf8)
        let rows = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: "\t").map(String.init) }
        #expect(rows.count == 142)
        for row in rows {
            let key = ConfigTable(rawValue: row[0])?.key(named: row[1])
            #expect(key?.type.shortName == row[2], "\(row)")
            #expect(key?.since == row[3], "\(row)")
        }
        let known = Set(rows.map { "\($0[0]).\($0[1])" })
        #expect(ConfigKey.all.map(\.dottedName).filter { !known.contains($0) } == ["hypervisor.qemu.accelerator"])
    }

    @Test(arguments: ConfigKey.all)
    func `a value of another type is an error at the value`(_ key: ConfigKey) {
        for wrong in key.type.wrongTexts {
            let result = resolve("[\(key.table.rawValue)]\n\(key.name) = \(wrong.text)\n")
            let found = result.diagnostics.filter { $0.code == "CFG012" }
            #expect(found.count == 1, "\(key.name) = \(wrong.text)")
            #expect(found.first?.severity == .error)
            #expect(found.first?.message.contains("'\(key.name)' must be") == true)
            #expect(found.first?.range?.start.line == 2)
            #expect(found.first?.range?.start.column == key.name.count + 4 + wrong.offset)
            #expect(result.value == nil)
        }
    }

    @Test(arguments: ConfigKey.all.filter { $0.availability == .unbuilt })
    func `asking for what is not built is a warning that says so`(_ key: ConfigKey) {
        let result = resolve("[\(key.table.rawValue)]\n\(key.name) = \(key.type.askingText)\n")
        let found = result.diagnostics.filter { $0.severity == .warning }
        #expect(found.map(\.code) == ["CFG020"])
        #expect(found.first?.message == "'\(key.name)' is not built yet: ignored")
        #expect(found.first?.range?.start.line == 2)
    }

    @Test(arguments: ConfigKey.all.filter { $0.availability == .built })
    func `the default of a built key is silent when it is written down`(_ key: ConfigKey) throws {
        let value = try #require(key.defaultValue)
        let result = resolve("[\(key.table.rawValue)]\n\(key.name) = \(value.tomlText)\n")
        #expect(result.diagnostics == [])
        #expect(result.value?.configuration == resolve("").value?.configuration)
    }

    @Test(arguments: ConfigKey.all)
    func `explain tells table, documentation and default of each key`(_ key: ConfigKey) throws {
        let text = try #require(ConfigKey.explained(key.dottedName))
        #expect(text.hasPrefix("[\(key.table.rawValue)] \(key.name)\n  \(key.documentation)\n"))
        #expect(text.contains("default: \(key.defaultValue?.tomlText ?? "none")"))
        #expect(key.documentation.hasSuffix(".") && !key.documentation.contains("\n"))
    }

    @Test func `explain of a shared name tells of each table, and of an unknown name nothing`() {
        #expect(ConfigKey.named("enable_debug").map(\.table) == [.hypervisor, .agent, .runtime])
        #expect(ConfigKey.explained("enable_debgu") == nil)
        #expect(ConfigKey.suggestion(for: "enable_debgu") == ", did you mean 'enable_debug'?")
        #expect(ConfigKey.suggestion(for: "hypervisor.qemu.kernal") == ", did you mean 'hypervisor.qemu.kernel'?")
    }
}

extension ConfigType {
    fileprivate var shortName: String {
        switch self {
        case .boolean: "boolean"
        case .string, .path, .choice: "string"
        case .integer: "integer"
        case .number: "number"
        case .strings: "strings"
        case .tables: "tables"
        }
    }

    /// Values of other types, with the place of the offending element inside the text.
    fileprivate var wrongTexts: [(text: String, offset: Int)] {
        switch self {
        case .boolean: [("\"true\"", 0), ("1", 0), ("[true]", 0)]
        case .string, .path, .choice: [("1", 0), ("false", 0), ("{ a = \"b\" }", 0)]
        case .integer: [("\"1\"", 0), ("1.0", 0), ("true", 0)]
        case .number: [("\"1\"", 0), ("true", 0), ("1979-05-27", 0)]
        case .strings: [("\"a\"", 0), ("[\"a\", 1]", 6), ("[[\"a\"]]", 1)]
        case .tables: [("\"a\"", 0), ("[\"a\"]", 1), ("[{ name = 1 }]", 10)]
        }
    }

    /// A value that is neither empty nor off.
    fileprivate var askingText: String {
        switch self {
        case .boolean: "true"
        case .string: "\"x\""
        case .path: "\"/x\""
        case .choice(let values): "\"\(values.last ?? "")\""
        case .integer, .number: "1"
        case .strings: "[\"x\"]"
        case .tables: "[{ name = \"x\", path = \"/x\" }]"
        }
    }
}
