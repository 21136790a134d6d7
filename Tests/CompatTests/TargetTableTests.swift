// SPDX-License-Identifier: Apache-2.0

import Compat
import Foundation
import KataConfig
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@Suite("the table of targets")
struct TargetTableTests {
    private static let upstream = Registry.targets.filter { $0.id.rawValue != "kata-swift" }

    @Test("Docs/Targets.md says of every key what each target makes of it")
    func documented() throws {
        let path = Repository.root.appending("Docs").appending("Targets.md")
        let text = Self.document
        if ProcessInfo.processInfo.environment["KATA_UPDATE_GOLDENS"] != nil, ProcessInfo.processInfo.environment["CI"] == nil {
            try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
            return
        }
        #expect(try String(decoding: FileSystem.read(path), as: UTF8.self) == text, "Docs/Targets.md is not what the rules say")
    }

    @Test("a key that no target changes has no line, and each line has a change")
    func onlyChanges() {
        for key in ConfigKey.all.map({ TargetKey($0.table, $0.name) }) {
            let outcomes = Self.upstream.map { $0.outcome(of: key) }
            #expect(Self.document.contains("| `\(key)` |") == outcomes.contains { $0 != .kept })
        }
    }

    private static var document: String {
        var text = """
            # Targets

            A translation can be written for our own runtime, or for one of upstream's, with `--to TARGET` of `kata-migrate convert` and `check`:

            | target | what reads it | where it looks |
            |---|---|---|

            """
        for target in Registry.targets {
            let paths = target.searchPaths.map { "`\($0)`" }.joined(separator: ", ")
            text += "| `\(target.id)` | \(target.title) | \(paths) |\n"
        }
        text += """

            The unified format is the dialect of Kata's Go runtime over all its releases. The table has every key that an upstream target does
            not take as it is; a dash stands for a key that is taken so. What is lost is reported with its reason, as [TGT-001](Diagnostics.md).
            It is made from the rules (`KATA_UPDATE_GOLDENS=1 swift test --filter TargetTableTests`), and a test compares them.

            | key | \(upstream.map { "`\($0.id)`" }.joined(separator: " | ")) |
            |---|\(upstream.map { _ in "---|" }.joined())

            """
        for key in ConfigKey.all.map({ TargetKey($0.table, $0.name) }) {
            let outcomes = upstream.map { $0.outcome(of: key) }
            guard outcomes.contains(where: { $0 != .kept }) else { continue }
            text += "| `\(key)` | \(outcomes.map(cell).joined(separator: " | ")) |\n"
        }
        return text
    }

    private static func cell(_ outcome: KeyOutcome) -> String {
        switch outcome {
        case .kept: "–"
        case .changed(let place, let values): "`\(place)`" + (values.map { ": \($0)" } ?? "")
        case .guestFile: "the target's own"
        case .lost(let reason): "lost: \(reason)"
        }
    }
}
