// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite struct ImportTests {
    /// The module of an import declaration, whatever its attributes, access level and kind.
    static func importedModule(_ line: String) -> String? {
        let words = line.split(separator: " ")
        guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count else { return nil }
        let before: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
        guard words[..<keyword].allSatisfy({ before.contains($0) || $0.hasPrefix("@") }) else { return nil }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let rest = words[(keyword + 1)...].drop { kinds.contains($0) }
        return rest.first.map { String($0.prefix { $0 != "." }) }
    }

    @Test(arguments: [
        ("import A", "A"), ("internal import A", "A"), ("@testable import A", "A"), ("@preconcurrency public import A.B", "A"),
        ("public import struct A.B", "A"), ("let x = import", nil), ("important A", nil),
    ])
    func anImportIsRecognised(line: String, module: String?) {
        #expect(Self.importedModule(line) == module)
    }

    @Test(arguments: rooms.map(\.name))
    func aRoomImportsOnlyWhatTheArrowsAllow(name: String) throws {
        let allowed = try #require(rooms.first { $0.name == name }).imports.union(common)
        for file in writtenSources where room(of: file.path)?.name == name {
            for (number, line) in file.code {
                guard let module = Self.importedModule(line) else { continue }
                #expect(allowed.contains(module), "\(file.path):\(number): \(name) must not import \(module)")
            }
        }
    }

    @Test func everySourceFileIsInARoom() {
        #expect(!writtenSources.isEmpty)
        for file in writtenSources { #expect(room(of: file.path) != nil, "\(file.path)") }
    }

    @Test func theArrowsHaveNoCircle() {
        let imports = Dictionary(uniqueKeysWithValues: rooms.map { ($0.name, $0.imports) })
        for room in rooms {
            var reached: Set<String> = []
            var pending = Array(room.imports)
            while let next = pending.popLast() {
                if reached.insert(next).inserted { pending += imports[next] ?? [] }
            }
            #expect(!reached.contains(room.name), "\(room.name) reaches itself")
        }
    }
}
