// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import KataOCI

@Suite struct ContainerIDTests {
    @Test(arguments: ["a", "0", "_", "+", "-", ".a", "...", "a.b", "A_b+c-d.9", String(repeating: "x", count: 1024)])
    func namesOfRuncsRuleAreIDs(_ name: String) throws {
        #expect(try ContainerID(name).rawValue == name)
        #expect(ContainerID(rawValue: name)?.description == name)
    }

    static let refused: [(String, ContainerIDError)] = [
        ("", .empty), (".", .reserved(".")), ("..", .reserved("..")), ("a/b", .character("/", "a/b")), ("../x", .character("/", "../x")),
        ("a b", .character(" ", "a b")), ("a\n", .character("\n", "a\n")), ("a\0", .character("\0", "a\0")), ("é", .character("é", "é")),
        ("a:b", .character(":", "a:b")), (String(repeating: "x", count: 1025), .tooLong(1025)),
    ]

    @Test(arguments: refused)
    func otherNamesAreRefusedWithTheirReason(_ name: String, _ reason: ContainerIDError) {
        #expect(throws: reason) { try ContainerID(name) }
        #expect(ContainerID(rawValue: name) == nil)
    }

    @Test func theReasonIsOnePrintableLine() {
        let text = ContainerIDError.character("\u{1B}", "a\u{1B}[2J\n").description
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
    }

    @Test func anIDInADocumentObeysTheSameRule() throws {
        #expect(try JSONDecoder().decode([ContainerID].self, from: Data(#"["a"]"#.utf8)) == [ContainerID("a")])
        #expect(throws: ContainerIDError.reserved("..")) { try JSONDecoder().decode([ContainerID].self, from: Data(#"[".."]"#.utf8)) }
        #expect(String(decoding: try JSONEncoder().encode([ContainerID("a")]), as: UTF8.self) == #"["a"]"#)
    }
}
