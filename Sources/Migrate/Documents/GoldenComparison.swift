// SPDX-License-Identifier: Apache-2.0

package import KataSystem
package import KataText
package import SystemPackage

/// Results of conversions against the files that somebody expects them to be.
package struct GoldenComparison: Sendable {
    package private(set) var diagnostics: [Diagnostic] = []
    /// Whether an expected file could not be read.
    package private(set) var isIncomplete = false

    /// - Parameter golden: a directory with a file for each result; with one result it may be that file.
    package init(of set: ConversionSet, with golden: FilePath) {
        let expected = GoldenFiles(golden, of: set)
        for (member, path) in expected.results {
            guard let bytes = member.conversion.bytes else { continue }
            compare(bytes, with: path, of: member.conversion.sources[0].path)
        }
        let wanted = Set(expected.results.filter { $0.0.conversion.bytes != nil }.map(\.1))
        for path in expected.present where !wanted.contains(path) { diagnostics.append(.goldenSurplus(path)) }
    }

    private mutating func compare(_ bytes: [UInt8], with path: FilePath, of source: FilePath) {
        if !FileSystem.exists(path) {
            diagnostics.append(.goldenMissing(path, source))
            return
        }
        switch DocumentReading.read(path) {
        case .success(let golden):
            guard golden.bytes != bytes else { return }
            diagnostics.append(.differsFromGolden(path, source, LineDifference(from: golden.bytes, to: bytes).lines))
        case .failure(let unread):
            diagnostics.append(unread.finding)
            isIncomplete = true
        }
    }

    /// Writes every result to where it is expected.
    package static func update(_ golden: FilePath, with set: ConversionSet) throws(SystemError) {
        for (member, path) in GoldenFiles(golden, of: set).results {
            guard let bytes = member.conversion.bytes else { continue }
            try FileSystem.makeDirectory(path.removingLastComponent())
            try AtomicFile.write(bytes, to: path, mode: 0o644)
        }
    }
}

/// Which expected file belongs to which result.
private struct GoldenFiles {
    let results: [(ConversionSet.Member, FilePath)]
    /// The files that there are, below a directory.
    let present: [FilePath]

    init(_ golden: FilePath, of set: ConversionSet) {
        let members = set.members.filter { $0.conversion.title != nil }
        let isDirectory = (try? FileSystem.targetStatus(golden))?.kind == .directory  // a path that cannot be looked at is no directory
        if let only = members.first, members.count == 1, !isDirectory {
            results = [(only, golden)]
            present = []
        } else {
            results = members.map { ($0, golden.pushing($0.relative)) }
            present = isDirectory ? DocumentSearch([golden]).files.map(\.source.path) : []
        }
    }
}
