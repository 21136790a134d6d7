// SPDX-License-Identifier: Apache-2.0
import Foundation
import KataSystem
import SystemPackage
import Testing

/// Holds `text` against the file; with `KATA_UPDATE_GOLDENS` set and outside of CI writes it instead, and fails so that nobody forgets.
func expectGolden(_ text: String, at path: FilePath, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let environment = ProcessInfo.processInfo.environment
    if environment["KATA_UPDATE_GOLDENS"] != nil, environment["CI"] == nil {
        try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
        Issue.record("wrote \(path)", sourceLocation: sourceLocation)
        return
    }
    let expected = String(decoding: try FileSystem.read(path), as: UTF8.self)
    let pairs = zip(
        text.split(separator: "\n", omittingEmptySubsequences: false), expected.split(separator: "\n", omittingEmptySubsequences: false))
    let first = pairs.enumerated().first { $0.element.0 != $0.element.1 }
    #expect(
        text == expected, "\(path) line \((first?.offset ?? 0) + 1): found \(first?.element.0 ?? "") for \(first?.element.1 ?? "")",
        sourceLocation: sourceLocation)
}
