// SPDX-License-Identifier: Apache-2.0

import KataOCI
import Testing

@testable import KataSandbox

@Suite struct PodNamespacesTests {
    private func id(_ name: String) throws -> ContainerID { try ContainerID(name) }

    private func member(_ name: String, stub: Int32, _ namespaces: [LinuxNamespace] = []) throws -> PodNamespaces.Member {
        PodNamespaces.Member(id: try id(name), stub: stub, namespaces: namespaces)
    }

    private func pod(
        _ namespaces: [LinuxNamespace], among members: [PodNamespaces.Member], network: String = ""
    ) throws -> PodNamespaces {
        try PodNamespaces(namespaces, among: members, isSandboxNetwork: { $0 == network })
    }

    @Test func aProcessThatStandsForAContainerNamesItsNamespaces() throws {
        let members = [try member("pause", stub: 70), try member("other", stub: 71)]
        let pod = try pod(
            [
                LinuxNamespace(type: .ipc, path: "/proc/70/ns/ipc"), LinuxNamespace(type: .pid, path: "/proc/71/ns/pid"),
                LinuxNamespace(type: .network, path: "/proc/70/ns/net"), LinuxNamespace(type: .uts),
                LinuxNamespace(type: .cgroup, path: "/proc/71/ns/cgroup"),
            ], among: members, network: "/proc/70/ns/net")
        #expect(pod.owners == [.ipc: try id("pause"), .pid: try id("other"), .cgroup: try id("other")])
        #expect(!pod.hasOwnNetwork)
    }

    @Test func aPathThatAnEngineMadeIsThatOfItsFirstContainer() throws {
        let pinned = LinuxNamespace(type: .ipc, path: "/var/run/ipcns/a")
        #expect(try pod([pinned], among: []).owners == [:])
        #expect(try pod([pinned], among: [member("pause", stub: 1, [pinned])]).owners == [.ipc: id("pause")])
    }

    @Test(arguments: [
        LinuxNamespace(type: .ipc, path: "/proc/99/ns/ipc"), LinuxNamespace(type: .uts, path: "/var/run/utsns/b"),
        LinuxNamespace(type: .network, path: "/var/run/netns/b"), LinuxNamespace(type: .cgroup, path: "/proc/99/ns/cgroup"),
        LinuxNamespace(type: .user, path: "/proc/70/ns/user"), LinuxNamespace(type: .mount, path: "/proc/70/ns/mnt"),
    ])
    func whatIsNotOfTheMachineIsRefused(namespace: LinuxNamespace) throws {
        #expect(throws: SandboxError.self) { try pod([namespace], among: [member("pause", stub: 70)]) }
    }

    @Test func theFirstContainerCannotJoinAProcessOfTheHost() {
        #expect(throws: SandboxError.self) { try pod([LinuxNamespace(type: .ipc, path: "/proc/1/ns/ipc")], among: []) }
    }

    @Test func theFirstContainersNetworkIsTheMachinesWhereverItIs() throws {
        let network = LinuxNamespace(type: .network, path: "/var/run/netns/a")
        #expect(try !pod([network], among: []).hasOwnNetwork)
        #expect(try !pod([LinuxNamespace(type: .network)], among: []).hasOwnNetwork)
        #expect(try pod([LinuxNamespace(type: .network)], among: [member("pause", stub: 70)]).hasOwnNetwork)
    }
}
