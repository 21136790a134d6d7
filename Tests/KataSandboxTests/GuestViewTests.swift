// SPDX-License-Identifier: Apache-2.0

import KataBundle
import KataOCI
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataSandbox

@Suite struct GuestViewTests {
    private func bundle(_ change: (inout Spec) -> Void = { _ in }) -> Bundle {
        var spec = Spec(
            ociVersion: "1.0.2", process: ProcessSpec(args: ["true"], cwd: "/"), root: RootSpec(path: "rootfs", readonly: true),
            linux: LinuxSpec(
                cgroupsPath: "/docker/one",
                namespaces: [
                    LinuxNamespace(type: .pid), LinuxNamespace(type: .network, path: "/var/run/netns/x"),
                    LinuxNamespace(type: .ipc, path: "/proc/1/ns/ipc"),
                ]))
        change(&spec)
        return Bundle(path: "/bundle", spec: spec, root: "/bundle/rootfs", document: [])
    }

    private func view(_ change: (inout Spec) -> Void = { _ in }) throws -> GuestView {
        GuestView(bundle(change), container: try ContainerID("one"))
    }

    @Test func theRootIsSharedAndNamedAsTheGuestSeesIt() throws {
        let view = try view()
        #expect(view.spec.root == RootSpec(path: "/run/kata-containers/shared/containers/one/rootfs", readonly: true))
        #expect(view.shares == [HostShare(source: "/bundle/rootfs", target: "one/rootfs", isReadOnly: false)])
    }

    @Test func aBindMountIsSharedAndItsSourceBecomesTheGuests() throws {
        let view = try view {
            $0.mounts = [
                MountSpec(destination: "/proc", type: "proc", source: "proc"),
                MountSpec(destination: "/data", type: "bind", source: "/srv/data", options: ["rbind", "ro"]),
                MountSpec(destination: "/etc/hosts", type: "none", source: "hosts", options: ["bind"]),
            ]
        }
        #expect(view.shares.dropFirst().map(\.source) == ["/srv/data", "/bundle/hosts"])
        #expect(view.shares.dropFirst().map(\.isReadOnly) == [true, false])
        #expect(view.shares.map(\.isRecursive) == [true, true, false], "what is mounted below is not asked for by 'bind'")
        let mounts = try #require(view.spec.mounts)
        #expect(mounts[0].source == "proc")
        #expect(mounts[1].source == "/run/kata-containers/shared/containers/one/mounts/1/data")
        #expect(mounts[1].options == ["rbind", "ro"])
        #expect(mounts[2].source == "/run/kata-containers/shared/containers/one/mounts/2/hosts")
    }

    @Test func controlGroupsOfTheHostBecomeTheContainersOwn() throws {
        let own = MountSpec(destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "ro"])
        func bind(_ path: String, _ options: [String]) -> MountSpec {
            MountSpec(destination: path, type: "bind", source: "/sys/fs/cgroup/systemd", options: options)
        }
        // As podman asks for it where the host has hierarchies of version 1.
        let managed = try view { $0.mounts = [own, bind("/sys/fs/cgroup/systemd", ["bind", "rprivate"])] }
        #expect(managed.shares.count == 1)
        #expect(managed.spec.mounts?.map(\.destination) == ["/sys/fs/cgroup"])
        #expect(managed.spec.mounts?.first?.options == ["nosuid"], "the container may write where it was given a hierarchy to write to")
        let readOnly = try view { $0.mounts = [own, bind("/sys/fs/cgroup/systemd", ["bind", "ro"])] }
        #expect(readOnly.spec.mounts?.map(\.options) == [["nosuid", "ro"]])
        // As users ask docker for it.
        let whole = MountSpec(destination: "/sys/fs/cgroup/", type: "bind", source: "/sys/fs/cgroup", options: ["rbind", "ro", "rprivate"])
        let asked = try view { $0.mounts = [whole] }
        #expect(asked.shares.count == 1 && asked.spec.mounts?.first?.type == "cgroup")
        #expect(asked.spec.mounts?.first?.options == ["ro", "rprivate"])
        // Elsewhere they are files of the host's.
        let shown = try view { $0.mounts = [bind("/host/groups", ["rbind", "ro"])] }
        #expect(shown.shares.dropFirst().map(\.source) == ["/sys/fs/cgroup/systemd"])
    }

    @Test func sharedMemoryOfTheHostBecomesMemoryOfTheGuest() throws {
        let memory = MountSpec(destination: "/dev/shm", type: "bind", source: "/var/lib/x/shm", options: ["rbind"])
        let view = GuestView(bundle { $0.mounts = [memory] }, container: try ContainerID("one"), sharedMemory: .own(bytes: 1 << 20))
        #expect(view.shares.count == 1)
        #expect(view.spec.mounts?.first?.type == "tmpfs")
        #expect(view.spec.mounts?.first?.options?.last == "size=1048576")
    }

    @Test func filesThatTheUserMountsThereAreShared() throws {
        let view = try view { $0.mounts = [MountSpec(destination: "/dev/shm", type: "bind", source: "/srv/data", options: ["rbind"])] }
        #expect(view.shares.dropFirst().map(\.source) == ["/srv/data"])
        #expect(view.memory == nil)
    }

    @Test func onlyAMountOfMemoryIsWhatAnEngineMade() throws {
        func size(_ source: String) -> UInt64? {
            bundle { $0.mounts = [MountSpec(destination: "/dev/shm", type: "bind", source: source, options: ["rbind"])] }.sharedMemorySize
        }
        #expect(size("/proc") == nil && size("/usr") == nil && size("/not/there") == nil)
        #expect(bundle().sharedMemorySize == nil)
        // Where the host has memory mounted for shared memory, as most have.
        if let bytes = try Mounts.size("/dev/shm") { #expect(size("/dev/shm") == bytes) }
    }

    @Test func whatOnlyTheHostCanDoIsTakenOut() throws {
        let view = try view()
        #expect(view.spec.linux?.namespaces == [LinuxNamespace(type: .pid), LinuxNamespace(type: .ipc)])
        #expect(view.spec.linux?.cgroupsPath == nil)
        #expect(view.spec.hooks == nil)
    }

    @Test(
        arguments: [(0, [0, 0, 0, 0]), (42, [42, 0, 0, 0]), (137, [137, 0, 0, 0]), (255, [255, 0, 0, 0]), (-1, [255, 255, 255, 255])]
            as [(Int32, [UInt8])])
    func aStatusCrossesTheStubsSocket(status: Int32, bytes: [UInt8]) {
        #expect(StubProcess.message(status) == bytes)
        #expect(StubProcess.status(bytes) == status)
    }

    @Test(arguments: [[], [1], [1, 0, 0]] as [[UInt8]])
    func anIncompleteStatusIsThatOfALostShim(bytes: [UInt8]) {
        #expect(StubProcess.status(bytes) == 137)
    }
}
