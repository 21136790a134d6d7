// SPDX-License-Identifier: Apache-2.0

import Compat
import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// A directory below fixtures, one for each case, so that a new case adds no Swift.
struct CaseDirectory: Sendable, CustomTestStringConvertible {
    let path: FilePath

    var testDescription: String { path.lastComponent?.string ?? "" }

    static func all(in directory: String) -> [CaseDirectory] {
        let root = Repository.fixtures.pushing(FilePath(directory))
        // An empty list fails the test that counts the cases.
        return ((try? FileSystem.list(root)) ?? []).map { CaseDirectory(path: root.appending($0)) }
    }

    func read(_ name: String) throws -> [UInt8] { try FileSystem.read(path.appending(name)) }

    /// What the case's file `release` says of the host; nil without one.
    var release: ClosedRange<Release>? {
        get throws {
            guard has("release") else { return nil }
            let words = String(decoding: try read("release"), as: UTF8.self).split(whereSeparator: \.isWhitespace)
            let releases = words.map { word in
                let numbers = word.split(separator: ".").compactMap { Int($0) }
                return Release(numbers[0], numbers[1], numbers[2])
            }
            return try #require(releases.first)...(try #require(releases.last))
        }
    }

    /// Whether its files are links to another case's, from which it differs by what ran on the host.
    var isOfAnother: Bool {
        get throws {
            for name in try FileSystem.list(path) where try FileSystem.status(path.appending(name))?.kind == .symbolicLink { return true }
            return false
        }
    }

    func has(_ name: String) -> Bool { FileSystem.exists(path.appending(name)) }

    /// Holds `text` against a file of the case; with `KATA_UPDATE_GOLDENS` set and outside of CI writes it, and fails so that nobody forgets.
    func expect(_ text: String, at name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = path.appending(name)
        let environment = ProcessInfo.processInfo.environment
        if environment["KATA_UPDATE_GOLDENS"] != nil, environment["CI"] == nil {
            let old = try? FileSystem.read(file)
            if old != Array(text.utf8) {
                try AtomicFile.write(Array(text.utf8), to: file, mode: 0o644)
                Issue.record("wrote \(file)", sourceLocation: sourceLocation)
            }
            return
        }
        let recorded = String(decoding: try FileSystem.read(file), as: UTF8.self)
        let lines = zip(
            text.split(separator: "\n", omittingEmptySubsequences: false),
            recorded.split(separator: "\n", omittingEmptySubsequences: false))
        let first = lines.enumerated().first { $0.element.0 != $0.element.1 }
        #expect(
            text == recorded, "\(file) line \((first?.offset ?? -1) + 1): found \(first?.element.0 ?? "") for \(first?.element.1 ?? "")",
            sourceLocation: sourceLocation)
    }
}
