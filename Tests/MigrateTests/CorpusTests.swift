// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// Trees that the real Clear Containers 3.0 left.
@Suite struct CorpusTests {
    private static let archives: [FilePath] = {
        let state = Corpus.root.appending("state")
        // Without the corpus there are no cases, and the trait below says why.
        let systems = ((try? FileSystem.list(state)) ?? []).filter { $0.hasPrefix("clear-containers-3.0") }
        return systems.flatMap { system in
            let names = (try? FileSystem.list(state.appending(system))) ?? []
            return names.filter { $0.hasSuffix(".tar") }.map { state.appending(system).appending($0) }
        }
    }()

    @Test(.needs(.corpus, .program("tar"), .root), arguments: archives)
    func everySandboxOfARealTreeIsFoundAndTheTreeKept(archive: FilePath) async throws {
        try await withTemporaryDirectory { root in
            #expect(try await runProgram("/bin/tar", ["-xf", archive.string, "-C", root.string]).status == .exited(0))
            let before = try fingerprint(of: root)
            let pods = root.appending("var/lib/virtcontainers/pods")
            let expected = FileSystem.exists(pods) ? try FileSystem.list(pods) : []
            let view = try HostView(root: root, facts: .unknown)
            let scan = HostScan(of: view)
            #expect(scan.brokenRecords.isEmpty)
            #expect(Set(expected).isSubset(of: scan.sandboxes.map(\.id.rawValue)))
            let plan = Plan(for: scan, on: view, layout: TargetLayout(), running: .drain)
            #expect(JSONDocument.parse(SourceText(path: "plan", text: plan.json)).value != nil)
            #expect(try fingerprint(of: root) == before)
        }
    }
}
