// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@Suite struct LayoutTests {
    @Test func theTopLevelHoldsTheProjectAndNothingElse() throws {
        // Package.resolved is SwiftPM's and ignored by git.
        let known: Set<String> = [
            "Package.swift", "Package.resolved", "Sources", "Tests", "fixtures", "Docs", "README.md", "Makefile", "LICENSE",
        ]
        let found = try FileSystem.list(Repository.root).filter { !$0.hasPrefix(".") }
        #expect(Set(found).subtracting(known) == [])
    }

    @Test func thereAreThreeRooms() throws {
        #expect(try FileSystem.list(Repository.root.appending("Sources")) == ["Compat", "KataRuntime", "Migrate"])
    }

    @Test func everyTestTargetIsNamedForWhatItTests() throws {
        let special: Set<String> = [
            "Support", "ArchitectureTests", "Machine", "Engines", "Fuzz", "Benchmarks", "CompatTestSupport", "Tracer",
        ]
        let subjects = Set(rooms.map { "\($0.name)Tests" })
        let found = try FileSystem.list(Repository.root.appending("Tests"))
        #expect(Set(found).subtracting(special).subtracting(subjects) == [])
    }

    @Test func everyGoldenDirectorySaysWhereItComesFrom() throws {
        let fixtures = Repository.fixtures
        for family in try FileSystem.list(fixtures) {
            try expectOrigin(fixtures.appending(family), family)
        }
    }

    /// A directory of files has an ORIGIN, or each directory in it has.
    private func expectOrigin(_ directory: FilePath, _ name: String) throws {
        if FileSystem.exists(directory.appending("ORIGIN")) { return }
        for child in try FileSystem.list(directory) {
            if try FileSystem.status(directory.appending(child))?.kind == .directory {
                try expectOrigin(directory.appending(child), "\(name)/\(child)")
            } else {
                Issue.record("fixtures/\(name)/\(child) has no ORIGIN beside or above it")
            }
        }
    }
}

@Suite struct BinaryTests {
    static let built: [FilePath] = ["kata-agent", "kata-migrate", "kata-runtime"]
        .map { TestMachine.binaries.appending($0) }.filter { FileSystem.exists($0) }

    @Test(.enabled(if: !built.isEmpty, "needs the release binaries (make test builds them)"), arguments: built)
    func aReleaseBinaryStaysBelow24MB(path: FilePath) throws {
        let size = try #require(try FileSystem.targetStatus(path)).size
        #expect(size <= 24_000_000, "\(path) has \(size) bytes: look for a new import of Foundation")
    }

    @Test(.enabled(if: !built.isEmpty, "needs the release binaries (make test builds them)"), arguments: built)
    func aReleaseBinaryNeedsNoLoader(path: FilePath) throws {
        // A static program has no PT_INTERP, so the loader's path is nowhere among its program headers' contents.
        let head = try OwnedFD.open(path, 0).read(upTo: 1 << 16)
        let loader = Array("/lib64/ld-linux-x86-64.so.2".utf8)
        #expect(!head.indices.contains { head[$0...].starts(with: loader) })
    }
}
