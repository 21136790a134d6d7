// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// What a stranger may have put beside the old system's records is moved and given back as it was, and nothing else is touched.
@Suite(.needs(.root)) struct HostileTreeTests {
    private let host = HostFixture.clearContainersDocker
    private let pod: FilePath = "var/lib/virtcontainers/pods/nightly-report"

    @Test func whatStandsInARecordComesBackAsItWas() throws {
        try host.withLab { lab in
            let outside = FilePath("\(lab.root.string).outside")
            defer { removeQuickly(outside) }
            try FileSystem.makeDirectory(outside)
            try AtomicFile.write(Array("mine".utf8), to: outside.appending("kept"))
            let canary = try fingerprint(of: outside)
            // Directories of the sandbox itself are containers to the old system.
            let container = pod.appending("nightly-report")
            let place = lab.root.pushing(container)
            try FileSystem.makeLink(place.appending("absolute"), to: outside.string)
            try FileSystem.makeLink(place.appending("climbing"), to: "../../../../../../../../../../\(outside.string)")
            try FileSystem.makeLink(place.appending("circle"), to: "circle")
            try FileSystem.makeNode(place.appending("fifo"), .fifo, deviceNumber: 0)
            try FileSystem.makeNode(place.appending("socket"), .socket, deviceNumber: 0)
            try AtomicFile.write(Array("#!/bin/sh\n".utf8), to: place.appending("setuid"), mode: 0o4755)
            try AtomicFile.write([], to: place.appending("line\nfeed \u{1B}[2J"), mode: 0o600)
            _ = try OwnedFD.open(place.appending(String(repeating: "n", count: 255)), O_WRONLY | O_CREAT, mode: 0o600)
            let deep = (0..<60).reduce(place.appending("deep")) { path, _ in path.appending("d") }
            try FileSystem.makeDirectory(deep)
            try FileSystem.makeLink(lab.root.appending("run/virtcontainers/pods/link"), to: outside.string)

            let before = try contents(of: lab.root)
            try lab.apply()
            #expect(!FileSystem.exists(place))
            let backup = TargetLayout().journals.appending(try #require(try lab.migrations.all().first?.id)).appending("backup")
            let kept = lab.root.pushing(backup.removingRoot()).pushing(container)
            #expect(try FileSystem.readLink(kept.appending("absolute")) == outside.string, "the link itself")
            #expect(try FileSystem.status(kept.appending("setuid"))?.mode == 0o4755)
            try lab.rollBack()
            #expect(difference(before, try contents(of: lab.root)) == "")
            #expect(try fingerprint(of: outside) == canary)
        }
    }

    /// What is written beside a path has a longer name than the path.
    @Test func aNameOfTheGreatestLengthMovesToo() throws {
        let name = String(repeating: "n", count: 255)
        try host.withLab { lab in
            try addSandbox(name, to: lab.root)
            let before = try contents(of: lab.root)
            #expect(try lab.plan().steps.contains { $0.kind == .moveSandbox && $0.object == name })
            try lab.apply()
            #expect(FileSystem.exists(lab.root.appending("var/lib/kata-swift/sandboxes/\(name)/record.json")))
            try lab.rollBack()
            #expect(difference(before, try contents(of: lab.root)) == "")
        }
    }

    /// A state file of 4 GiB that holds nothing takes neither the time nor the room of 4 GiB.
    @Test func holesStayHoles() throws {
        try host.withLab { lab in
            let place = lab.root.pushing(pod).appending("state.json")
            try truncate(place, to: 4 << 30)
            let began = MonotonicInstant.now()
            try lab.apply()
            #expect(!FileSystem.exists(place))
            try lab.rollBack()
            #expect(MonotonicInstant.now().nanoseconds - began.nanoseconds < 60_000_000_000)
            let file = try OwnedFD.open(place, O_RDONLY)
            #expect(try FileSystem.status(place)?.size == 4 << 30)
            #expect(try file.nextData(from: 0) == nil)
        }
    }

    @Test func aFileThatIsAllHolesDiffersByOneByte() async throws {
        try await withTemporaryDirectory { root in
            let live = try LiveHost(root: root)
            for name in ["a", "b", "c"] { try truncate(root.appending(name), to: 1 << 30) }
            let file = try OwnedFD.open(root.appending("c"), O_WRONLY)
            try file.seek(to: 1 << 29)
            try file.writeAll([1])
            #expect(try live.areEqual("/a", "/b"))
            #expect(try !live.areEqual("/a", "/c"))
            #expect(try !live.areEqual("/c", "/b"))
            #expect(try live.areEqual("/c", "/c"))
        }
    }

    private func truncate(_ path: FilePath, to size: Int64) throws {
        try FileSystem.makeDirectory(path.removingLastComponent())
        let file = try OwnedFD.open(path, O_WRONLY | O_CREAT, mode: 0o600)
        try file.truncate(to: size)
    }
}

/// What holds whatever the host's clock says.
@Suite(.needs(.root)) struct ClockTests {
    @Test func theLastMigrationIsTheLastAlthoughTheClockWentBack() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            let quiet = lab.fixture.quiet(after: try lab.plan(), of: try lab.fixture.scan(lab.root))
            try lab.apply()
            let first = try #require(try lab.migrations.all().first?.id)
            // As if it had been in the year 2286.
            let journal = lab.root.appending("var/lib/kata-migrate/\(first)/journal")
            let lines = String(decoding: try FileSystem.read(journal), as: UTF8.self)
            let later = lines.replacing(#/"seconds":[0-9]+/#, with: "\"seconds\":9999999999")
            #expect(later != lines)
            try AtomicFile.write(Array(later.utf8), to: journal, mode: 0o600)
            try addSandbox("weekly", to: lab.root)
            var second = try MigrationLab(lab.fixture, at: lab.root, running: .recreate, prepared: nil)
            second.prepared = try second.plan(quiet)
            try second.apply()
            let ids = try lab.migrations.all().map(\.id)
            #expect(ids.first == first && ids.count == 2)
            #expect(try lab.migrations.rollBack(nil, forced: [], restart: false) == ids[1])
            #expect(try lab.migrations.rollBack(nil, forced: [], restart: false) == first)
        }
    }
}

/// A sandbox of nobody under a name of its own.
private func addSandbox(_ name: String, to root: FilePath) throws {
    let tree = HostFixture.clearContainersDocker.directory.appending("tree")
    for path in [
        "var/lib/virtcontainers/pods/nightly-report/config.json", "var/lib/virtcontainers/pods/nightly-report/nightly-report/config.json",
        "srv/oci/nightly-report/config.json",
    ] {
        let text = String(decoding: try FileSystem.read(tree.appending(path)), as: UTF8.self).replacing("nightly-report", with: name)
        let place = root.appending(path.replacing("nightly-report", with: name))
        try FileSystem.makeDirectory(place.removingLastComponent())
        try AtomicFile.write(Array(text.utf8), to: place, mode: 0o644)
    }
    try FileSystem.makeDirectory(root.appending("srv/oci/\(name)/rootfs"))
}
