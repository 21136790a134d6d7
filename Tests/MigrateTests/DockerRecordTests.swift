// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// No record of docker's own is ever edited: a name that a container asks for means after a migration what it meant before, or the new
/// runtime in place of the old one. Docs/Decisions/0013-dockers-own-records.md says why there is no other case.
@Suite(.needs(.root)) struct DockerRecordTests {
    private static let hosts: [HostFixture] = [
        .clearContainersDocker, .clearContainersEarly, .clearContainers2Docker, .runVDocker, .runVDockerEarly, .runVEarly, .kataDocker,
        .mixed, .halfMigrated, .fraktiNode, .clearContainersFirst, .clearContainersMiddle,
    ]

    @Test func everyHostOfDockerIsAmongThem() throws {
        for host in HostFixture.all {
            let isDockers = try host.withTree { try host.scan($0).docker?.containers.isEmpty == false }
            #expect(isDockers == Self.hosts.contains { $0.directory == host.directory }, "\(host.testDescription)")
        }
    }

    @Test(arguments: hosts, [RunningChoice.leave, .drain, .recreate])
    func aNameThatAContainerAsksForStaysRegistered(host: HostFixture, choice: RunningChoice) throws {
        try host.withLab(running: choice) { lab in
            let before = try #require(try host.scan(lab.root).docker)
            let data = lab.root.pushing(before.dataRoot.removingRoot())
            let records = try contents(of: data)
            #expect(!before.containers.isEmpty)
            try lab.apply()
            let after = try #require(try host.scan(lab.root).docker)
            #expect(difference(records, try contents(of: data)) == "", "docker's own records stay as they are")
            #expect(after.containers == before.containers)
            #expect(after.engine.defaultRuntime == before.engine.defaultRuntime)
            for container in before.containers {
                let name = container.runtime ?? before.engine.defaultRuntime
                let (former, now) = (before.program(named: name), after.program(named: name))
                let isOld = former.map { LegacySystem.calling($0.binaryPath) != nil && $0.convention == .commandLine } ?? false
                guard isOld else {
                    #expect(now?.binaryPath == former?.binaryPath, "\(container.name): \(name)")
                    continue
                }
                let path = try #require(now?.binaryPath, "\(container.name): \(name)")
                #expect(path == TargetLayout().runtime || path.starts(with: TargetLayout().legacyNames), "\(container.name): \(path)")
            }
        }
    }
}

extension DockerHost {
    /// What dockerd calls by a name; of several registrations the last one counts.
    fileprivate func program(named name: String) -> EngineRegistration? { engine.registrations.last { $0.runtimeName == name } }
}
