// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// What the new runtime does on a migrated host is neither the old system come back nor an edit.
@Suite(.needs(.root)) struct SuccessorTests {
    private let host = HostFixture.runVDocker
    private let containers = [
        "4342cec16a97e26f4e2a8a3136caf7020511b5c7629fbd1608a827e149ae3c4c",
        "b0f38d7e527fe35235354e303d8a766d8950c5469707a5c24ab25e46cb96805a",
    ]

    /// docker gives every runtime of a name the same directory for its records, from 17.12 on.
    private func place(_ id: String, _ lab: MigrationLab) -> FilePath { lab.root.appending("run/docker/runtime-runv/moby").appending(id) }

    /// What `kata-runtime create` leaves there.
    private func start(_ id: String, _ lab: MigrationLab) throws {
        let record = """
            {"version": 1, "id": "\(id)", "bundle": "/run/docker/containerd/\(id)", "sandbox": "/run/kata-swift/\(id)",
             "created": {"seconds": 1, "nanoseconds": 2}, "annotations": {}, "life": {"creating": {"creator": {"pid": 1}}}}
            """
        try FileSystem.makeDirectory(place(id, lab), mode: 0o700)
        try AtomicFile.write(Array(record.utf8), to: place(id, lab).appending("record.json"), mode: 0o600)
    }

    @Test func aContainerThatDockerStartedAnewIsNoFailureAndNoEdit() throws {
        try host.withLab { lab in
            let before = try contents(of: lab.root)
            try lab.apply()
            for id in containers { try start(id, lab) }
            let findings = try lab.verify()
            #expect(findings.filter(\.isFailed) == [])
            #expect(findings.count { $0.detail.contains("the new runtime has a container there") } == 2)
            lab.host.watch = { [lab] effect in
                guard case .run(let command) = effect, command.prefix(2) == ["docker", "stop"], let id = command.last else { return }
                try FileSystem.removeTree(place(id, lab))
            }
            try lab.rollBack()
            #expect(difference(before, try contents(of: lab.root)) == "")
        }
    }

    /// Its records would go with the directory, and its VM would run on with nobody to end it.
    @Test func aContainerThatSomebodyElseStartedIsHisToStop() throws {
        try host.withLab(running: .drain) { lab in
            let before = try contents(of: lab.root)
            try lab.apply()
            try start(containers[0], lab)
            let after = try contents(of: lab.root)
            let error = #expect(throws: MigrationError.self) { try lab.rollBack() }
            #expect(error?.description.contains("docker stop") == true)
            #expect(try contents(of: lab.root) == after)
            #expect(try lab.migrations.all().map(\.phase) == ["applied"], "nothing of a rollback has begun")
            try FileSystem.removeTree(place(containers[0], lab))
            try lab.rollBack()
            #expect(difference(before, try contents(of: lab.root)) == "")
        }
    }

    @Test func whatDoesNotStopKeepsItsDirectory() throws {
        try host.withLab { lab in
            let before = try contents(of: lab.root)
            try lab.apply()
            for id in containers { try start(id, lab) }
            let after = try contents(of: lab.root)
            #expect(throws: MigrationError.self) { try lab.rollBack() }
            #expect(try contents(of: lab.root) == after)
            for id in containers { try FileSystem.removeTree(place(id, lab)) }
            try lab.rollBack()
            #expect(difference(before, try contents(of: lab.root)) == "")
        }
    }

    /// A directory of that name alone is nobody's in particular.
    @Test(arguments: ["{}", #"{"version": 1, "id": "other", "life": {}}"#, "{", #"{"version": 1, "id": "ID"}"#])
    func anythingElseThereIsTheOldSystems(record: String) throws {
        try host.withLab { lab in
            try lab.apply()
            try start(containers[0], lab)
            let text = record.replacing("ID", with: containers[0])
            try AtomicFile.write(Array(text.utf8), to: place(containers[0], lab).appending("record.json"), mode: 0o600)
            #expect(try lab.verify().filter(\.isFailed).map(\.detail) == ["is there again: something of the old system still runs"])
            let error = #expect(throws: MigrationError.self) { try lab.rollBack() }
            #expect(error?.description.contains("--force") == true)
        }
    }
}

/// What a verification says of moved containers that somebody has deleted since, as the documentation tells him to.
@Suite(.needs(.root)) struct DeletedContainerTests {
    private let host = HostFixture.runVByHand
    private let records: FilePath = "var/lib/kata-swift/sandboxes"

    @Test func whatWasDeletedSinceIsInOrder() throws {
        try host.withLab { lab in
            try lab.apply()
            for id in ["batch", "front"] { try FileSystem.removeTree(lab.root.pushing(records).appending(id)) }
            let findings = try lab.verify()
            #expect(findings.filter(\.isFailed) == [])
            #expect(findings.filter { $0.what == "sandbox batch answers" }.map(\.detail) == ["it was deleted since"])
            #expect(findings.contains { $0.what.hasSuffix("/front/record.json") && $0.detail == "its container was deleted since" })
            #expect(try lab.migrations.all().map(\.verified) == [true])
        }
    }

    @Test func aRecordThatIsLostIsNotDeleted() throws {
        try host.withLab { lab in
            try lab.apply()
            try FileSystem.removeTree(lab.root.pushing(records).appending("batch"))
            lab.host.answer = { [root = lab.root] command in
                command.suffix(2) == ["state", "batch"]
                    ? CommandResult(status: 0, output: Array(#"{"status": "running"}"#.utf8))
                    : AnsweringPrograms(root: root).answer(command)
            }
            let failed = try lab.migrations.verify(nil).findings.filter(\.isFailed).map(\.what)
            #expect(failed.contains { $0.hasSuffix("/batch/record.json") })
        }
    }

    @Test func aRuntimeThatDoesNotKnowARecordThatIsThereHasLostIt() throws {
        try host.withLab { lab in
            try lab.apply()
            lab.host.answer = { [root = lab.root] command in
                command.suffix(2) == ["state", "batch"]
                    ? CommandResult(status: 1, output: [], errors: Array("container 'batch' does not exist\n".utf8))
                    : AnsweringPrograms(root: root).answer(command)
            }
            #expect(try lab.migrations.verify(nil).findings.filter(\.isFailed).map(\.what) == ["sandbox batch answers"])
        }
    }
}
