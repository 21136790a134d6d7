// SPDX-License-Identifier: Apache-2.0

import KataOCI
import Testing

@testable import KataSandbox

@Suite struct PodNamespacesTests {
    private func id(_ name: String) throws -> ContainerID { try ContainerID(name) }

    private func member(_ name: String, stub: Int32, _ namespaces: [LinuxNamespace] = []) throws -> PodNamespaces.Member {
        PodNamespaces.Member(id: try id(name), stub: stub, namespaces: namespaces)
    }

    @Test func aProcessThatStandsForAContainerNamesItsNamespaces() throws {
        let members = [try member("pause", stub: 70), try member("other", stub: 71)]
        let pod = try PodNamespaces(
            [
                LinuxNamespace(type: .ipc, path: "/proc/70/ns/ipc"), LinuxNamespace(type: .pid, path: "/proc/71/ns/pid"),
                LinuxNamespace(type: .network, path: "/proc/70/ns/net"), LinuxNamespace(type: .uts),
            ], among: members)
        #expect(pod.owners == [.ipc: try id("pause"), .pid: try id("other")])
    }

    @Test func aPathThatAnEngineMadeIsThatOfItsFirstContainer() throws {
        let pinned = LinuxNamespace(type: .ipc, path: "/var/run/ipcns/a")
        #expect(try PodNamespaces([pinned], among: []).owners == [:])
        #expect(try PodNamespaces([pinned], among: [member("pause", stub: 1, [pinned])]).owners == [.ipc: id("pause")])
    }

    @Test(arguments: [
        LinuxNamespace(type: .ipc, path: "/proc/99/ns/ipc"), LinuxNamespace(type: .uts, path: "/var/run/utsns/b"),
        LinuxNamespace(type: .user, path: "/proc/70/ns/user"), LinuxNamespace(type: .mount, path: "/proc/70/ns/mnt"),
    ])
    func whatIsNotOfTheMachineIsRefused(namespace: LinuxNamespace) throws {
        #expect(throws: SandboxError.self) { try PodNamespaces([namespace], among: [member("pause", stub: 70)]) }
    }

    @Test func theFirstContainerCannotJoinAProcessOfTheHost() {
        #expect(throws: SandboxError.self) { try PodNamespaces([LinuxNamespace(type: .ipc, path: "/proc/1/ns/ipc")], among: []) }
    }
}
