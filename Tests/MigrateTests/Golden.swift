// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

extension HostFixture {
    /// Compares with a file of expected/; with KATA_UPDATE_GOLDENS=1, and never in CI, it is written instead.
    func expect(_ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let path = directory.appending("expected").appending(name)
        let text = text.replacing(directory.string, with: "FACTS")
        let environment = Environment.variables()
        if environment["KATA_UPDATE_GOLDENS"] == "1", environment["CI"] == nil {
            try FileSystem.makeDirectory(path.removingLastComponent())
            try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
            return
        }
        let expected = String(decoding: try FileSystem.read(path), as: UTF8.self)
        let difference = LineDifference(from: Array(expected.utf8), to: Array(text.utf8)).lines
        #expect(text == expected, "\(name) differs:\n\(difference.prefix(40).joined(separator: "\n"))", sourceLocation: sourceLocation)
    }

    /// A scan of the tree, which must lie at `root`, with the facts that were saved beside it.
    func scan(_ root: FilePath, facts: HostFacts? = nil) throws -> HostScan {
        HostScan(of: try HostView(root: root, facts: facts ?? self.facts))
    }

    func plan(
        _ root: FilePath, facts: HostFacts? = nil, layout: TargetLayout = TargetLayout(), running: RunningChoice? = nil,
        own: [String: RunningChoice] = [:], cleansStale: Bool = false
    ) throws -> Plan {
        let view = try HostView(root: root, facts: facts ?? self.facts)
        return Plan(for: HostScan(of: view), on: view, layout: layout, running: RunningPolicy(running, own: own), cleansStale: cleansStale)
    }
}

extension String {
    /// The same for every temporary directory.
    func withRoot(_ root: FilePath) -> String {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: root.string) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return (parts + [rest]).joined(separator: "ROOT")
    }
}
