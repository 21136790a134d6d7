// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataAgent

@Suite struct ProcessTableTests {
    /// A process of a made-up /proc.
    private func write(_ proc: FilePath, pid: Int, inside: Int, parent: Int, name: String, arguments: [String]) throws {
        let directory = proc.appending("\(pid)")
        try FileSystem.makeDirectory(directory)
        let stat = "\(pid) (\(name)) S \(parent) 1 1 34817 -1 0 0 0 0 0 150 25 0 0 20 0 1 0 100\n"
        try AtomicFile.write(Array(stat.utf8), to: directory.appending("stat"))
        let status = "Name:\t\(name)\nUid:\t1\t1000\t1000\t1000\nNSpid:\t\(pid)\t\(inside)\n"
        try AtomicFile.write(Array(status.utf8), to: directory.appending("status"))
        try AtomicFile.write(Array(arguments.map { $0 + "\0" }.joined().utf8), to: directory.appending("cmdline"))
    }

    @Test func pidsAreTheContainersAndNamesMayHoldAnything() async throws {
        try await withTemporaryDirectory { proc in
            try write(proc, pid: 300, inside: 1, parent: 2, name: "a) (b", arguments: ["sh", "-c", "x y"])
            try write(proc, pid: 310, inside: 7, parent: 300, name: "worker", arguments: [])
            let entries = ProcessTable.entries(of: [310, 999, 300], proc: proc)
            #expect(entries.map(\.pid) == [1, 7], "one that has ended is left out")
            #expect(entries.map(\.parent) == [0, 1], "a parent outside is none")
            #expect(entries.map(\.command) == ["sh -c x y", "[worker]"])
            #expect(entries.map(\.user) == [1000, 1000])
            #expect(entries.map(\.processorMilliseconds) == [1750, 1750])
            #expect(entries.map(\.terminal) == [34817, 34817])
        }
    }
}
