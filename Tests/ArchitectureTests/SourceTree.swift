// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage

/// One file of the project, by its path below the project's directory.
struct SourceFile: Sendable {
    let path: String
    let lines: [String]

    init(_ path: String) throws {
        self.path = path
        let bytes = try FileSystem.read(Repository.root.pushing(FilePath(path)))
        lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Made by a program from something else that is in the tree.
    var isGenerated: Bool { path.contains("/Generated/") }

    /// Each line with its number, without comments and without the text of string literals.
    var code: [(number: Int, text: String)] {
        var scanner = CodeScanner()
        return lines.enumerated().map { ($0 + 1, scanner.code(of: $1)) }
    }
}

/// Takes Swift or C apart just enough to tell code from comments and literals.
private struct CodeScanner {
    private var inMultilineLiteral = false

    mutating func code(of line: String) -> String {
        let bytes = Array(line.utf8)
        let (quote, slash, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "\\"))
        var kept: [UInt8] = []
        var inLiteral = false
        var at = 0
        while at < bytes.count {
            let isTriple = at + 2 < bytes.count && bytes[at...at + 2].allSatisfy { $0 == quote }
            if isTriple && !inLiteral {
                inMultilineLiteral.toggle()
                at += 3
            } else if inMultilineLiteral {
                at += 1
            } else if inLiteral {
                if bytes[at] == backslash { at += 1 } else if bytes[at] == quote { inLiteral = false }
                at += 1
            } else if bytes[at] == quote {
                inLiteral = true
                at += 1
            } else if bytes[at] == slash, at + 1 < bytes.count, bytes[at + 1] == slash {
                break
            } else {
                kept.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }
}

/// Everything below Sources and Tests that people or generators wrote in Swift or C.
let allSources: [SourceFile] = {
    do {
        return try (paths(below: "Sources") + paths(below: "Tests"))
            .filter { path in [".swift", ".c", ".h"].contains { path.hasSuffix($0) } }
            .map { try SourceFile($0) }
    } catch {
        preconditionFailure("the project's own sources can be read: \(error)")
    }
}()

/// Swift below Sources that is not generated.
let writtenSources = allSources.filter { $0.path.hasPrefix("Sources/") && $0.path.hasSuffix(".swift") && !$0.isGenerated }

private func paths(below directory: String) throws -> [String] {
    let place = Repository.root.pushing(FilePath(directory))
    return try FileSystem.list(place).flatMap { name -> [String] in
        let path = "\(directory)/\(name)"
        switch try FileSystem.status(place.appending(name))?.kind {
        case .directory: return try paths(below: path)
        case .file: return [path]
        default: return []
        }
    }
}
