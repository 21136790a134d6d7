// SPDX-License-Identifier: Apache-2.0

import Compat
import Glibc
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// SplitMix64: the same mutations in every run.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// What old state holds may have been written by whoever had a container on the host.
@Suite struct HostileHostTests {
    private let host = HostFixture.clearContainersDocker
    private static let records = [
        "var/lib/virtcontainers/pods/nightly-report/config.json", "var/lib/virtcontainers/pods/nightly-report/nightly-report/config.json",
        "run/virtcontainers/pods/b27c4ff8a9135d60e84e1f0b6a72c9d3581d40e6f7ab932c06e5814d9fb7a03e/state.json",
        "run/virtcontainers/pods/b27c4ff8a9135d60e84e1f0b6a72c9d3581d40e6f7ab932c06e5814d9fb7a03e/network.json",
        "run/virtcontainers/pods/b27c4ff8a9135d60e84e1f0b6a72c9d3581d40e6f7ab932c06e5814d9fb7a03e/hypervisor.json",
        "var/lib/docker/containers/b27c4ff8a9135d60e84e1f0b6a72c9d3581d40e6f7ab932c06e5814d9fb7a03e/config.v2.json",
    ]
    private static let contents: [[UInt8]] = [
        [], [0], Array("[]".utf8), Array("{}".utf8), Array("null".utf8), Array("{\"ID\":\"../../../etc\",\"state\":{}}".utf8),
        Array(repeating: UInt8(ascii: "["), count: 500_000), [UInt8](repeating: 0xFF, count: 4096),
        Array("{\"ID\":1e999999,\"VMConfig\":{\"Memory\":-1}}".utf8),
        [UInt8](repeating: UInt8(ascii: " "), count: 17 << 20),
    ]

    @Test(arguments: records)
    func noContentOfARecordTrapsOrStopsTheOthers(path: String) throws {
        try host.withTree { root in
            for content in Self.contents {
                try AtomicFile.write(content, to: root.appending(path))
                let plan = try host.plan(root, running: .drain)
                #expect(JSONDocument.parse(SourceText(path: "plan.json", text: plan.json)).value != nil)
                #expect(plan.steps.contains { $0.kind == .drainSandbox }, "the running sandbox has records of its own")
            }
        }
    }

    @Test func truncatedRecordsAreRead() throws {
        try host.withTree { root in
            let path = root.appending(Self.records[0])
            let whole = try FileSystem.read(path)
            for length in stride(from: 0, to: whole.count, by: whole.count / 23) {
                try AtomicFile.write(Array(whole[..<length]), to: path)
                let scan = try host.scan(root)
                #expect(scan.sandboxes.count + scan.brokenRecords.count == 3)
            }
        }
    }

    @Test func noBytesTrapTheReadersOfListings() throws {
        var random = SeededGenerator(state: 7)
        let seeds = try ["processes.txt", "mounts.txt", "sockets.txt", "units.txt", "tree/var/lib/dpkg/status"].map { name in
            try FileSystem.read(host.directory.pushing(FilePath(name)))
        }
        var read = 0
        for seed in seeds {
            for _ in 0..<60 {
                var bytes = seed
                for _ in 0..<8 { bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
                read += InstalledPackage.installed(inStatus: bytes).count
                for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                    let process = HostProcess(line: String(line))
                    read += process.flatMap(LegacyProcess.init) == nil ? 0 : 1
                    read += HostMount(line: String(line)) == nil ? 0 : 1
                    read += SocketLine(line: String(line)) == nil ? 0 : 1
                }
            }
        }
        #expect(read > 1000, "most lines are whole")
    }

    @Test func controlCharactersOfAForeignNameDoNotReachTheTerminal() throws {
        try host.withTree { root in
            let name = "evil\u{1B}[2J\u{202E}"
            let old = root.appending("var/lib/virtcontainers/pods/nightly-report")
            let new = root.appending("var/lib/virtcontainers/pods").appending(name)
            try syscall("rename", name) { rename(old.string, new.string) }
            for text in [try host.scan(root).text, try host.plan(root).text] {
                #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
                #expect(text.contains("evil\\u{1b}[2J"))
            }
        }
    }

    @Test func aProcessWithoutARecordIsReportedAndLeft() throws {
        try host.withTree { root in
            let id = "5e0a7d41c96b38f2e17a90bd4cf3528610e7bb942d6ac8f05b19e3d7740c2f8a"
            try FileSystem.removeTree(root.appending("var/lib/virtcontainers/pods").appending(id))
            try FileSystem.removeTree(root.appending("run/virtcontainers/pods").appending(id))
            let plan = try host.plan(root, running: .drain)
            #expect(plan.preflight.count { $0.code == "PRE012" } == 4)
            #expect(!plan.steps.contains { $0.object == id })
            // Docker knows it, and may know a way to end it.
            #expect(try host.plan(root, running: .drain, cleansStale: true).endedPids.isDisjoint(with: [4170, 4187, 4201, 4208]))
        }
    }
}
