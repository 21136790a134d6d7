// SPDX-License-Identifier: Apache-2.0

import KataBundle
import KataOCI
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataSandbox

@Suite struct RecordTests {
    private static func process(_ pid: Int32) -> ProcessIdentity { ProcessIdentity(pid: pid, startTime: UInt64(pid), bootID: "boot") }
    private static let processes = ContainerRecord.Processes(shim: process(1), stub: process(2), machine: process(3))

    private static func record(_ life: ContainerRecord.Life) -> ContainerRecord {
        ContainerRecord(
            id: "one", bundle: "/bundle", sandbox: "/run/sandbox", configuration: "/etc/configuration.toml",
            created: Timestamp(seconds: 1, nanoseconds: 2), annotations: ["a": "b"], life: life)
    }

    @Test(
        arguments: [
            (.creating(creator: process(9)), [9], .creating, 0),
            (.creating(creator: process(9)), [], .stopped, 0),
            (.created(processes), [1, 2, 3], .created, 2),
            (.created(processes), [2, 3], .stopped, 0),
            (.running(processes), [1, 2, 3], .running, 2),
            (.running(processes), [2, 3], .stopped, 0),
            (.running(processes), [1, 2], .stopped, 0),
            (.stopped(status: 3, shim: process(1)), [1], .stopped, 0),
            (.ended(status: 3, origin: "runV 0.8.1"), [], .stopped, 0),
        ] as [(ContainerRecord.Life, Set<Int32>, ContainerStatus, Int32)])
    func theStatusIsWhatTheLivingProcessesAllow(life: ContainerRecord.Life, alive: Set<Int32>, status: ContainerStatus, pid: Int32) {
        let record = Self.record(life)
        #expect(record.status { alive.contains($0.pid) } == status)
        #expect(record.pid { alive.contains($0.pid) } == pid)
    }

    @Test func aRecordComesBackAsItWasSaved() async throws {
        try await withTemporaryDirectory { directory in
            let root = StateRoot(directory.appending("root"))
            let id = try ContainerID("one")
            for life: ContainerRecord.Life in [
                .creating(creator: Self.process(9)), .created(Self.processes), .running(Self.processes),
                .stopped(status: 137, shim: Self.process(1)),
            ] {
                let record = Self.record(life)
                if FileSystem.exists(root.directory(id)) {
                    try root.save(id, record)
                } else {
                    try root.reserve(id, record, specification: [])
                }
                #expect(try root.record(id) == record)
            }
            #expect(try FileSystem.status(root.path)?.mode == 0o700)
            #expect(try root.list().records.map(\.id) == ["one"])
            try root.remove(id)
            #expect(try FileSystem.list(root.path).isEmpty)
        }
    }

    @Test func anIdIsReservedOnce() async throws {
        try await withTemporaryDirectory { directory in
            let root = StateRoot(directory)
            let id = try ContainerID("one")
            let first = Self.record(.creating(creator: Self.process(9)))
            try root.reserve(id, first, specification: [])
            let error = #expect(throws: RecordError.self) { try root.reserve(id, Self.record(.created(Self.processes)), specification: []) }
            guard case .inUse = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try root.record(id) == first)
            #expect(try FileSystem.list(directory) == ["one"])
        }
    }

    @Test func aContainerThatWaitsForItsFirstMachineIsCreatedUntilItIsRemoved() async throws {
        try await withTemporaryDirectory { directory in
            let cold = directory.appending("cold")
            let root = StateRoot(directory.appending("root"), cold: cold)
            let id = try ContainerID("nightly")
            try FileSystem.makeDirectory(cold.appending("nightly"))
            let text = #"""
                {"version": 1, "id": "nightly", "bundle": "/srv/nightly", "rootfs": "/srv/nightly/rootfs", "annotations": {"a": "b"},
                 "origin": "Clear Containers 3.0.23"}
                """#
            try AtomicFile.write(Array(text.utf8), to: cold.appending("nightly/record.json"))
            let waiting = try root.record(id)
            #expect(waiting.isCold)
            #expect(waiting.status() == .created)
            #expect(waiting.pid() == 0)
            #expect(waiting.processes.isEmpty)
            #expect(waiting.bundle == "/srv/nightly")
            #expect(waiting.annotations == ["a": "b"])
            #expect(try root.list().records == [waiting])
            // Its name is taken for everybody but its own start.
            #expect(throws: RecordError.self) { try root.reserve(id, Self.record(.creating(creator: Self.process(9))), specification: []) }
            let awake = Self.record(.created(Self.processes))
            try root.reserve(id, awake, specification: [], wakes: true)
            #expect(try root.record(id) == awake)
            #expect(try root.list().records == [awake])
            try root.release(id)
            #expect(try root.record(id) == waiting)
            try root.remove(id)
            #expect(try root.list().records.isEmpty)
            #expect(try FileSystem.list(cold).isEmpty)
        }
    }

    @Test func aContainerThatEndedElsewhereIsStoppedWithItsStatusUntilItIsRemoved() async throws {
        try await withTemporaryDirectory { directory in
            let cold = directory.appending("cold")
            let root = StateRoot(directory.appending("root"), cold: cold)
            let id = try ContainerID("batch")
            try FileSystem.makeDirectory(cold.appending("batch"))
            let text = #"""
                {"version": 1, "id": "batch", "bundle": "/srv/batch", "rootfs": null, "annotations": {}, "origin": "runV 0.8.1", "exitStatus": 3}
                """#
            try AtomicFile.write(Array(text.utf8), to: cold.appending("batch/record.json"))
            let ended = try root.record(id)
            #expect(ended.status() == .stopped && ended.exitStatus == 3)
            #expect(!ended.isCold, "start would boot it")
            #expect(ended.shim == nil && ended.stub == nil && ended.processes.isEmpty)
            #expect(try root.list().records == [ended])
            #expect(throws: RecordError.self) { try root.reserve(id, Self.record(.creating(creator: Self.process(9))), specification: []) }
            try root.remove(id)
            #expect(try root.list().records.isEmpty)
            #expect(try FileSystem.list(cold).isEmpty)
        }
    }

    @Test(arguments: ["", "{", "null", "{\"version\":1}", "{\"version\":99}", "[1,2]", String(repeating: "[", count: 10_000)])
    func aHostileRecordIsAnErrorAndTheOthersAreStillListed(content: String) async throws {
        try await withTemporaryDirectory { directory in
            let root = StateRoot(directory)
            try root.reserve(try ContainerID("good"), Self.record(.created(Self.processes)), specification: [])
            try FileSystem.makeDirectory(directory.appending("bad"))
            try AtomicFile.write(Array(content.utf8), to: directory.appending("bad/record.json"))
            try FileSystem.makeDirectory(directory.appending("somebody-elses"))
            #expect(throws: RecordError.self) { try root.record(try ContainerID("bad")) }
            let (records, failures) = try root.list()
            #expect(records.map(\.id) == ["one"])
            #expect(failures.count == 1)
        }
    }

    /// runtime-spec, Lifecycle: updates of config.json after the creation do not affect the container.
    @Test func aContainersSpecificationIsTheOneThatItWasMadeFrom() async throws {
        let good = #"{"ociVersion":"1.0.2","process":{"args":["true"],"cwd":"/"},"root":{"path":"rootfs"},"linux":{}}"#
        try await withTemporaryDirectory { directory in
            try FileSystem.makeDirectory(directory.appending("rootfs"))
            let file = directory.appending("config.json")
            try AtomicFile.write(Array(good.utf8), to: file)
            let root = StateRoot(directory.appending("root"))
            let record = ContainerRecord(
                id: "kept", bundle: directory, sandbox: "/s", configuration: nil, created: .now(), annotations: [:],
                life: .creating(creator: try .current()))
            try root.reserve(try ContainerID("kept"), record, specification: try Bundle.load(directory).document)
            try AtomicFile.write(Array(good.replacing("true", with: "false").utf8), to: file)
            #expect(try Bundle.specification(of: record, in: root).process?.args == ["true"])
            try root.remove(try ContainerID("kept"))
            #expect(try Bundle.specification(of: record, in: root).process?.args == ["false"], "one that is not made yet has the bundle's")
        }
    }
}
