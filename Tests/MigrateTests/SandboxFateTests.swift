// SPDX-License-Identifier: Apache-2.0

@testable import Compat
import KataConfig
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// What becomes of sandboxes, by who owns them.
@Suite struct SandboxFateTests {
    @Test func aKubeletThatAsksFraktiKeepsItsPodsAndTheirDaemons() throws {
        try HostFixture.hyperd.withTree { root in
            let dropIn = root.appending("etc/systemd/system/kubelet.service.d/10-kubeadm.conf")
            let text = String(decoding: try FileSystem.read(dropIn), as: UTF8.self)
            try AtomicFile.write(
                Array(text.replacing("/var/run/crio/crio.sock", with: "/var/run/frakti.sock").utf8), to: dropIn, mode: 0o644)
            let plan = try HostFixture.hyperd.plan(root, running: .recreate)
            #expect(plan.fate("web-1234567890")?.verdict == .leftRunning)
            #expect(plan.fate("web-1234567890")?.reason.contains("--container-runtime-endpoint") == true)
            #expect(plan.steps.map(\.kind) == [.writeConfiguration])
            #expect(plan.leftInPlace.map(\.what).filter { $0.hasPrefix("unit ") } == ["unit frakti.service", "unit hyperd.service"])
        }
    }

    /// podman gives a container's own name to the runtime at every start: a record of that name would be in its way.
    @Test func whatPodmanMadeIsLeftToIt() throws {
        try HostFixture.kataCRIO.withTree { root in
            try HostFixture.givePods(of: root, to: "/var/lib/containers/storage")
            let plan = try HostFixture.kataCRIO.plan(root, running: .recreate)
            let fates = plan.sandboxes.filter { $0.reason.contains("podman") }
            #expect(Set(fates.map(\.verdict)) == [.leftRunning, .leftToEngine])
            for fate in fates where fate.verdict == .leftRunning { #expect(fate.reason.contains("podman stop \(fate.sandbox)")) }
            let cold = plan.steps.filter { $0.kind == .moveSandbox }
            #expect(!cold.contains { step in fates.contains { $0.sandbox.rawValue == step.object } })
        }
    }

    /// The end of hyperd is the end of its VMs: those that can be stopped are, and for any other it goes on.
    @Test(.needs(.root)) func hyperdEndsLastAndOnlyWhenItHasNoVM() throws {
        try HostFixture.hyperd.withLab { lab in
            try lab.apply()
            let stop = ["crictl", "--runtime-endpoint", "unix:///var/run/frakti.sock", "stopp", "web-1234567890"]
            let order = [stop, ["systemctl", "stop", "frakti.service"], ["systemctl", "stop", "hyperd.service"]]
            #expect(lab.host.asked.filter(order.contains) == order)
        }
        try HostFixture.hyperd.withTree { root in
            var facts = HostFixture.hyperd.facts
            let words = ["qemu-system-x86_64", "-qmp", "unix:/var/run/hyper/vm-NobodyOnRe/qmp.sock,server,nowait"]
            facts.processes?.append(
                HostProcess(pid: 7000, parent: 1, startTime: 9, executable: "/usr/bin/qemu-system-x86_64", arguments: words))
            let plan = try HostFixture.hyperd.plan(root, facts: facts, running: .recreate)
            #expect(!plan.steps.contains { $0.object == "hyperd.service" })
            #expect(plan.leftInPlace.contains { $0.what == "unit hyperd.service" })
            let left = try HostFixture.hyperd.plan(root, running: .leave)
            #expect(!left.steps.contains { $0.object == "hyperd.service" || $0.kind == .drainSandbox })
        }
    }

    /// hyperd starts it again itself, so that a rollback can be asked to.
    @Test(.needs(.root)) func aPodOfHyperdsIsStoppedThroughItsClient() throws {
        try HostFixture.hyperd.withLab { lab in
            try Self.note("vm-RunsAlone1", asTheVMOf: "off-1", at: lab.root)
            var facts = HostFixture.hyperd.facts
            let words = ["qemu-system-x86_64", "-qmp", "unix:/var/run/hyper/vm-RunsAlone1/qmp.sock,server,nowait"]
            facts.processes?.append(
                HostProcess(pid: 7000, parent: 1, startTime: 9, executable: "/usr/bin/qemu-system-x86_64", arguments: words))
            let plan = try lab.plan(facts)
            #expect(plan.fate("off-1")?.verdict == .notCarried && plan.fate("off-1")?.isDrained == true)
            #expect(plan.fate("off-1")?.reason.contains("kata-migrate convert") == true)
            #expect(!plan.preflight.contains { $0.code == "PRE032" })
            lab.prepared = plan
            try lab.apply()
            #expect(lab.host.asked.contains(["hyperctl", "stop", "off-1"]))
            try lab.rollBack()
            #expect(!lab.host.asked.contains(["hyperctl", "start", "off-1"]), "only on request")
            try FileSystem.removeTree(lab.root.appending("usr/bin/hyperctl"))
            #expect(try lab.plan(facts).preflight.contains { $0.code == "PRE032" })
            try lab.apply()
            try lab.rollBack(restart: true)
            #expect(lab.host.asked.contains(["hyperctl", "start", "off-1"]))
        }
    }

    /// Puts one more value into hyperd's database: a record of LevelDB's log, with one entry of a batch (log_format.md).
    private static func note(_ machine: String, asTheVMOf pod: String, at root: FilePath) throws {
        let log = root.appending("var/lib/hyper/lib/hyper.db/000004.log")
        func sized(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count)] + bytes }
        let value = [0x0A] + sized(Array(machine.utf8)) + [0x12] + sized(Array("{}".utf8))
        let batch = [UInt8](repeating: 0x7F, count: 7) + [0, 1, 0, 0, 0] + [1] + sized(Array("SB-\(pod)".utf8)) + sized(value)
        let content = [1] + batch
        let sum = crc32c(content[...])
        let masked = (sum >> 15 | sum << 17) &+ 0xA282_EAD8
        let header = (0..<4).map { UInt8(truncatingIfNeeded: masked >> ($0 * 8)) } + [UInt8(batch.count), 0]
        try AtomicFile.write(try FileSystem.read(log) + header + content, to: log, mode: 0o644)
    }

    /// docker stop works, but docker start would have the old runtime run it again.
    @Test(arguments: [RunningChoice.drain, .recreate])
    func whatDockerHasRunVsContainerdRunStays(choice: RunningChoice) throws {
        let host = HostFixture.runVEarly
        try host.withTree { root in
            let plan = try host.plan(root, running: choice)
            let fate = try #require(plan.sandboxes.first { $0.sandbox.rawValue == "vm-WebIsAlive" })
            #expect(fate.verdict == .leftRunning && fate.reason.contains("/run/runv-containerd/containerd.sock"))
            #expect(!plan.steps.contains { $0.object == fate.sandbox.rawValue || $0.object == "docker.service" })
            #expect(plan.leftInPlace.contains { $0.what.hasPrefix("process 640 (daemon of runV)") })
            // Nothing of it runs, and its record is its engine's.
            var facts = host.facts
            (facts.processes, facts.sockets) = ([], [])
            let stopped = try host.plan(root, facts: facts, running: choice).sandboxes.first { $0.sandbox == fate.sandbox }
            #expect(stopped?.verdict == .leftToEngine && stopped?.isDrained == false)
            // Once docker has its own, it is docker's as any other.
            try AtomicFile.write(
                Array("[Service]\nExecStart=\nExecStart=/usr/bin/docker daemon -H fd://\n".utf8),
                to: root.appending("etc/systemd/system/docker.service.d/runv.conf"))
            #expect(try host.plan(root, running: choice).sandboxes.first { $0.sandbox == fate.sandbox }?.isDrained == true)
        }
    }

    /// Nothing is promised of a container that the new runtime would refuse to start.
    @Test func aBundleOfBeforeTheSpecificationsFirstReleaseIsLeft() throws {
        let host = HostFixture.runVEarly
        try host.withTree { root in
            for choice in [RunningChoice.leave, .recreate] {
                let plan = try host.plan(root, running: choice)
                let fate = try #require(plan.sandboxes.first { $0.sandbox.rawValue == "vm-HandTooled" })
                #expect(fate.verdict == .notCarried && fate.reason.contains("0.5.0-dev"))
                #expect(!plan.steps.contains { $0.object == fate.sandbox.rawValue })
            }
        }
    }

    /// No engine is left to take away what the old runtime mounted for the guest.
    @Test func whatASandboxOfNobodySharedIsUnmounted() throws {
        let host = HostFixture.clearContainersEarly
        try host.withTree { root in
            var facts = host.facts
            let point: FilePath = "/tmp/hyper/shared/pods/weekly-audit/weekly-audit/rootfs"
            facts.mounts?.append(HostMount(source: "/dev/sda1", point: point, type: "ext4"))
            let step = try #require(try host.plan(root, facts: facts).steps.first { $0.kind == .moveSandbox })
            #expect(step.object == "weekly-audit" && step.changes.contains(.unmount(point)))
        }
    }

    @Test(arguments: [HostFixture.kataDocker, .hyperd, .broken])
    func whatIsStaleGoesOnlyWhenThatIsAskedFor(host: HostFixture) throws {
        try host.withTree { root in
            let plan = try host.plan(root, running: .drain)
            let stale = plan.sandboxes.filter { $0.verdict == .stale }
            #expect(!stale.isEmpty)
            for fate in stale {
                #expect(!plan.steps.contains { $0.object == fate.sandbox.rawValue })
                #expect(plan.preflight.contains { $0.code == "PRE010" && $0.message.contains(fate.sandbox.rawValue) })
            }
            let cleaned = try host.plan(root, running: .drain, cleansStale: true)
            #expect(cleaned.sandboxes == plan.sandboxes)
            #expect(!cleaned.preflight.contains { $0.code == "PRE010" })
            for fate in stale {
                let step = try #require(cleaned.steps.first { $0.object == fate.sandbox.rawValue })
                #expect(step.kind == .retireRecords && !step.changes.isEmpty)
            }
            #expect(cleaned.steps.count == plan.steps.count + stale.count)
        }
    }

    @Test func dockersOwnDamageIsNotTakenForItsForgetting() throws {
        try HostFixture.broken.withTree { root in
            let plan = try HostFixture.broken.plan(root, running: .drain, cleansStale: true)
            let fates = plan.sandboxes.filter { $0.reason.contains("docker inspect") }
            #expect(fates.map(\.verdict) == [.notCarried])
            #expect(!plan.steps.contains { $0.object == fates.first?.sandbox.rawValue })
        }
    }

    /// Containers that joined each other's namespaces have one VM, which ends with all of them.
    @Test(.needs(.root)) func containersOfOneVMStopAndStartTogether() throws {
        try HostFixture.runVDocker.withLab { lab in
            try lab.apply()
            let sandbox = try #require(
                try lab.fixture.withTree { try lab.fixture.scan($0) }.sandboxes.first { $0.id.rawValue == "vm-ShopAndSid" })
            #expect(Set(sandbox.dockerContainers.map(\.name)) == ["shop", "side"])
            for verb in ["stop", "start"] {
                let asked = lab.host.asked.filter { $0.prefix(2) == ["docker", verb] }.map { $0[2] }
                #expect(Set(asked) == Set(sandbox.dockerContainers.map(\.id)))
            }
        }
    }

    /// What is bound into a VM's directory is somebody's data.
    @Test(.needs(.root)) func whatIsMountedIsOutBeforeItsDirectoryGoes() throws {
        let share: FilePath = "/run/hyper/vm-ToolIsGone/share_dir/tool/rootfs"
        try HostFixture.runVDocker.withLab { lab in
            let step = try #require(try lab.plan().steps.first { $0.id.rawValue == "sandbox-vm-ToolIsGone" })
            let unmounting = try #require(step.changes.firstIndex(of: .unmount(share)))
            let going = try #require(step.changes.firstIndex(of: .moveAway("/run/hyper/vm-ToolIsGone")))
            #expect(unmounting < going)
            // Somebody mounts more after the plan was made.
            let plan = try lab.plan()
            lab.prepared = plan
            lab.host.mounted.append("/run/hyper/vm-ToolIsGone/share_dir/tool/more")
            #expect(throws: MigrationError.self) { try lab.apply() }
            #expect(FileSystem.exists(lab.root.appending("run/hyper/vm-ToolIsGone/share_dir/tool/rootfs")))
            #expect(lab.host.asked.contains(["umount", share.string]))
            lab.host.mounted.removeAll()
            try lab.apply()
            #expect(!FileSystem.exists(lab.root.appending("run/hyper/vm-ToolIsGone")))
        }
    }

    /// The old file stays for the old runtime, and for the way back; what the new runtime must read differently is laid over it.
    @Test(.needs(.root)) func katasOwnConfigurationStaysAndIsLaidOver() throws {
        try HostFixture.kataDocker.withLab { lab in
            let file = lab.root.appending("etc/kata-containers/configuration.toml")
            let before = try FileSystem.read(file)
            try lab.apply()
            #expect(try FileSystem.read(file) == before)
            let read = ConfigurationLayers.load(path: file, environment: [:]).result
            #expect(read.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
            func value(_ name: String) -> ConfigValue? { read.value?.values.first { $0.key.dottedName == name }?.value }
            #expect(value("hypervisor.qemu.kernel") == .string("/usr/local/share/kata-swift/vmlinuz"))
            #expect(value("hypervisor.qemu.initrd") == .string("/usr/local/share/kata-swift/initrd.img"))
            #expect(value("hypervisor.qemu.image") == .string(""))
            #expect(value("hypervisor.qemu.default_memory") == .integer(1024), "the operator's own")
        }
    }

    @Test func aPidFromAFileIsNoProofWithoutTheProgram() throws {
        func scan(_ executable: FilePath) throws -> HostScan {
            try HostFixture.halfMigrated.withTree { root in
                let place = root.appending("run/runv/solo")
                try FileSystem.makeDirectory(place)
                let state = #"{"ociVersion":"1.0.0-rc5","id":"solo","status":"","pid":880,"bundle":"/srv/oci/spool"}"#
                try AtomicFile.write(Array(state.utf8), to: place.appending("state.json"))
                let process = HostProcess(
                    pid: 880, parent: 1, startTime: 5, executable: executable, arguments: ["containerd-nslistener"])
                return try HostFixture.halfMigrated.scan(root, facts: HostFacts(processes: [process], mounts: [], sockets: []))
            }
        }
        #expect(try scan("/usr/local/bin/runv").sandboxes.first { $0.id.rawValue == "solo" }?.liveness == .running)
        #expect(try scan("/usr/bin/vim").sandboxes.first { $0.id.rawValue == "solo" }?.liveness == .stopped)
    }

    /// Docker since 17.12 gives runtimes a directory of its own for their records.
    @Test func recordsAreFoundWhereEnginesPutThem() throws {
        try HostFixture.runVDocker.withTree { root in
            let sandbox = try #require(try HostFixture.runVDocker.scan(root).sandboxes.first { $0.id.rawValue == "vm-ShopAndSid" })
            #expect(sandbox.directories.filter { $0.starts(with: "/run/docker/runtime-runv/moby") }.count == 2)
            #expect(sandbox.processes.map(\.role.rawValue).sorted() == ["hypervisor", "proxy", "shim", "shim"])
        }
    }

    /// The directory was runc's as well.
    @Test(arguments: [true, false]) func theOldestRecordsOfRunVAreToldByTheirSocket(hasSocket: Bool) throws {
        try HostFixture.halfMigrated.withTree { root in
            let place = root.appending("run/opencontainer/containers/five")
            try FileSystem.makeDirectory(place)
            let state = #"{"version":"0.2.0","id":"five","pid":-1,"bundlePath":"/srv/oci/spool"}"#
            try AtomicFile.write(Array(state.utf8), to: place.appending("state.json"))
            if hasSocket { try FileSystem.makeNode(place.appending("runv.sock"), .socket, deviceNumber: 0) }
            let found = try HostFixture.halfMigrated.scan(root).sandboxes.filter { $0.id.rawValue == "five" }
            #expect(found.map(\.systemName) == (hasSocket ? ["runV"] : []))
        }
    }

    @Test func twoSystemsMayHaveASandboxOfOneName() throws {
        try HostFixture.halfMigrated.withTree { root in
            let place = root.appending("run/cc-oci-runtime/spool")
            try FileSystem.makeDirectory(place)
            let state = #"{"ociVersion":"1.0.0-rc1","id":"spool","pid":0,"bundlePath":"/srv/oci/spool","status":"stopped","vm":{"pid":0}}"#
            try AtomicFile.write(Array(state.utf8), to: place.appending("state.json"))
            let plan = try HostFixture.halfMigrated.plan(root)
            #expect(plan.sandboxes.filter { $0.sandbox.rawValue == "spool" }.map(\.verdict) == [.moved, .notCarried])
            #expect(Set(plan.steps.map(\.id)).count == plan.steps.count)
        }
    }
}

extension Plan {
    fileprivate func fate(_ id: String) -> SandboxFate? { sandboxes.first { $0.sandbox.rawValue == id } }
}
