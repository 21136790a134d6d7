// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite struct ShapeTests {
    private let written = allSources.filter { !$0.isGenerated }

    @Test func noFileIsLongerThan600Lines() {
        for file in written { #expect(file.lines.count <= 601, "\(file.path) has \(file.lines.count - 1) lines") }
    }

    @Test func everyFileNamesItsLicence() {
        for file in written { #expect(file.lines.first == "// SPDX-License-Identifier: Apache-2.0", "\(file.path)") }
    }

    @Test(arguments: [
        ("import Foundation", "44 MB of ICU data in a static binary"), ("try!", "traps on a failure"), ("as!", "traps on another type"),
        ("fatalError(", "traps without saying whose bug it is"), ("unsafeBitCast(", "no type is worth it"),
    ])
    func noSourceHas(construct: String, why: String) {
        for file in writtenSources {
            for (number, line) in file.code where line.contains(construct) && Self.has(construct, line) {
                Issue.record("\(file.path):\(number): '\(construct)': \(why)")
            }
        }
    }

    /// At a word's boundary, and for an import the whole module name.
    static func has(_ construct: String, _ line: String) -> Bool {
        var rest = Substring(line)
        while let first = rest.firstIndex(of: construct.first ?? " ") {
            let boundary = first == line.startIndex || !(line[line.index(before: first)].isLetter || line[line.index(before: first)] == "_")
            let tail = line[first...]
            if boundary, tail.hasPrefix(construct) {
                let next = tail.dropFirst(construct.count).first
                if !construct.hasPrefix("import") || next == nil || next?.isWhitespace == true { return true }
            }
            rest = line[line.index(after: first)...]
        }
        return false
    }

    @Test(arguments: [
        ("import Foundation", "internal import Foundation", true), ("import Foundation", "import FoundationEssentials", false),
        ("try!", "let x = try! f()", true), ("try!", "retry!", false), ("as!", "x as! Y", true), ("as!", "alas!", false),
        ("fatalError(", "fatalError(\"\")", true),
    ])
    func aConstructIsFound(construct: String, line: String, found: Bool) {
        #expect(Self.has(construct, line) == found)
    }

    @Test func unsafetySaysWhyItIsSafe() {
        for file in writtenSources {
            for (number, line) in file.code where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                let before = file.lines[max(0, number - 8)..<number]
                #expect(before.contains { $0.contains("SAFETY:") }, "\(file.path):\(number)")
            }
        }
    }

    @Test func mainFilesOnlyJoinRooms() {
        for file in writtenSources where file.path.hasSuffix("/main.swift") {
            #expect(file.lines.count <= 31, "\(file.path) has \(file.lines.count - 1) lines")
        }
    }
}
