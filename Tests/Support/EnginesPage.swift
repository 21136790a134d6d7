// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// Docs/Engines.md, whose blocks are tried as they are written.
public enum EnginesPage {
    public struct NoBlock: Error {
        let words: String
    }

    /// The indented block behind a line that has these words.
    public static func block(behind words: String) throws -> String {
        let page = String(decoding: try FileSystem.read(Repository.root.appending("Docs").appending("Engines.md")), as: UTF8.self)
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        guard let index = lines.firstIndex(where: { $0.contains(words) }) else { throw NoBlock(words: words) }
        let block = lines[(index + 1)...].drop { !$0.hasPrefix("    ") }.prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) + "\n" }
        if block.isEmpty { throw NoBlock(words: words) }
        return block.joined()
    }
}
