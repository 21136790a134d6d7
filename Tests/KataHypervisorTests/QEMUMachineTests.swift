// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataHypervisor
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// Real QEMU under emulation, with guests of a few bytes.
@Suite("qemu machine", .needs(.program("qemu-system-x86_64")), .serialized, .timeLimit(.minutes(2)))
struct QEMUMachineTests {
    /// Starts a machine in a directory that is gone afterwards, and ends it.
    private func withMachine(
        _ guest: TinyGuest, _ change: (inout MachineSpec) -> Void = { _ in },
        _ body: (any Machine, FilePath) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            var spec = try TestSpec.make(guest, directory)
            change(&spec)
            let machine = try await QEMUHypervisor().start(spec, directory: directory)
            try await body(machine, directory)
            _ = await machine.shutdown(grace: .seconds(5))
            #expect(!machine.processIdentity.isAlive)
        }
    }

    /// A guest of a few instructions could end before the start has seen it run: these are started paused and let go here.
    private func letGo(_ machine: any Machine) async throws {
        try await #require(machine as? QEMUMachine).monitor.execute("cont")
    }

    private func failure(_ change: (inout MachineSpec) -> Void) async throws -> MachineError? {
        try await withTemporaryDirectory { directory in
            var spec = try TestSpec.make(TinyGuest(text: "", ending: .halt), directory)
            change(&spec)
            do {
                _ = try await QEMUHypervisor().start(spec, directory: directory)
                return nil
            } catch let error as MachineError {
                return error
            }
        }
    }

    @Test("a guest that powers off ends the machine, and what it printed is kept")
    func powerOff() async throws {
        try await withMachine(TinyGuest(text: "first line\nlast \u{1b}[31mline\n", ending: .powerOff), { $0.start = .paused }) {
            machine, directory in
            try await letGo(machine)
            #expect(await machine.exited() == MachineExit(status: .exited(0), reason: .guestShutdown))
            #expect(machine.consoleTail(5).suffix(2) == ["first line", "last line"])
            let log = try FileSystem.read(directory.appending(QEMUHypervisor.consoleLogName))
            #expect(String(decoding: log, as: UTF8.self).contains("last \u{1b}[31mline"))
            let timeline = machine.timeline
            let reached = try [#require(timeline[.spawned]), #require(timeline[.monitorReady]), #require(timeline[.machineReady])]
            #expect(reached == reached.sorted())
        }
    }

    @Test("a guest that panics, which is a triple fault, ends the machine")
    func reset() async throws {
        try await withMachine(TinyGuest(text: "Kernel panic - not syncing: test\n", ending: .reset), { $0.start = .paused }) { machine, _ in
            try await letGo(machine)
            #expect(await machine.exited() == MachineExit(status: .exited(0), reason: .guestReset))
            await #expect(throws: MachineError.self) { try await machine.agentPortOpened(within: .seconds(60)) }
            let failure = await machine.failure(.endedWhileRunning)
            #expect(failure.likelyCause == .guestPanicked)
            #expect(failure.facts.consoleLines.last == "Kernel panic - not syncing: test")
        }
    }

    @Test("a guest without an agent is reported after the limit, and quit ends it")
    func noAgent() async throws {
        try await withMachine(TinyGuest(text: "here\n", ending: .halt)) { machine, _ in
            while machine.consoleTail(1) != ["here"] { try await Task.sleep(for: .milliseconds(10)) }
            do {
                try await machine.agentPortOpened(within: .milliseconds(50))
                Issue.record("the port opened")
            } catch MachineError.failed(let failure) {
                #expect(failure.facts.problem == .agentPortClosed(after: .milliseconds(50)))
                #expect(failure.facts.exit == nil)
                #expect(failure.likelyCause == .agentNotReachable)
            }
            #expect(await machine.shutdown(grace: .seconds(10)) == MachineExit(status: .exited(0), reason: .quit))
            #expect(await machine.shutdown(grace: .zero) == MachineExit(status: .exited(0), reason: .quit))
        }
    }

    @Test("a paused machine has all its devices and has run nothing")
    func paused() async throws {
        try await withMachine(TinyGuest(text: "ran\n", ending: .halt), { $0.start = .paused }) { machine, _ in
            let monitor = try #require(machine as? QEMUMachine).monitor
            #expect(try await monitor.execute("query-status")["status"]?.string == "prelaunch")
            let devices = try await monitor.execute("qom-list", ["path": "/machine/peripheral"]).array ?? []
            let names = devices.compactMap { $0["name"]?.string }
            #expect(Set(names).isSuperset(of: ["serial", "agentport", "rp0", "rp1"]))
            #expect(machine.consoleTail(5) == [])
            try await letGo(machine)
            while machine.consoleTail(1) != ["ran"] { try await Task.sleep(for: .milliseconds(10)) }
        }
    }

    @Test("a qemu that hangs is killed after the grace time")
    func hanging() async throws {
        try await withMachine(TinyGuest(text: "", ending: .halt)) { machine, _ in
            try machine.processIdentity.signal(SIGSTOP)
            let start = ContinuousClock.now
            #expect(await machine.shutdown(grace: .milliseconds(200)).status == .signaled(SIGKILL))
            #expect(start.duration(to: .now) < .seconds(10))
        }
    }

    @Test("a machine that nobody refers to any more is gone")
    func dropped() async throws {
        try await withTemporaryDirectory { directory in
            let spec = try TestSpec.make(TinyGuest(text: "", ending: .halt), directory)
            let identity = try await QEMUHypervisor().start(spec, directory: directory).processIdentity
            try await expectGone(identity)
        }
    }

    @Test("qemu does not outlive the process that started it, however that ends", .needs(.root))
    func parentKilled() async throws {
        try await withTemporaryDirectory { directory in
            let program = FilePath(try FileSystem.readLink("/proc/self/exe"))
            let holder = try Subprocess(
                program: program,
                arguments: [program.string, "--testing-library", "swift-testing", "--filter", "MachineHolderTests"],
                environment: Subprocess.currentEnvironment() + ["\(MachineHolding.variable)=\(directory)"]
            ).spawn()
            let file = directory.appending(MachineHolding.identityFile)
            while !FileSystem.exists(file) { try await Task.sleep(for: .milliseconds(20)) }
            let identity = try MachineHolding.read(file)
            #expect(identity.isAlive)
            try holder.signal(SIGKILL)
            _ = try await holder.waitAsync()
            try await expectGone(identity)
        }
    }

    @Test("a start that is cancelled leaves no qemu; neither does a wait for the agent that is")
    func cancelled() async throws {
        try await withTemporaryDirectory { directory in
            let spec = try TestSpec.make(TinyGuest(text: "", ending: .halt), directory)
            let start = Task { try await QEMUHypervisor().start(spec, directory: directory) }
            start.cancel()
            await #expect(throws: MachineError.self) { try await start.value }
            let machine = try await QEMUHypervisor().start(spec, directory: directory)
            let begin = ContinuousClock.now
            let wait = Task { try await machine.agentPortOpened(within: .seconds(60)) }
            wait.cancel()
            do {
                try await wait.value
                Issue.record("the port opened")
            } catch MachineError.cancelled(let name) {
                #expect(name == "test")
            }
            #expect(begin.duration(to: .now) < .seconds(30))
            #expect(await machine.shutdown(grace: .seconds(5)).reason == .quit)
        }
    }

    @Test(
        "a host without vhost-vsock says so before qemu starts",
        .enabled(if: !FileSystem.exists("/dev/vhost-vsock"), "this host has vhost-vsock"))
    func noVsock() async throws {
        let error = try await failure { $0.agentTransport = .vsock(contextID: 4711) }
        #expect(error.map(errorChain) == "use vhost-vsock device '/dev/vhost-vsock': open '/dev/vhost-vsock': No such file or directory")
        #expect(AgentTransport.preferred() == .serial)
    }

    private func expectGone(_ identity: ProcessIdentity) async throws {
        let limit = ContinuousClock.now + .seconds(10)
        while identity.isAlive, ContinuousClock.now < limit { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!identity.isAlive)
    }

    @Test("the agent's socket is handed out once")
    func agentSocket() async throws {
        try await withMachine(TinyGuest(text: "", ending: .halt)) { machine, _ in
            let socket = try machine.agentSocket()
            #expect(socket.raw >= 0)
            #expect(throws: MachineError.self) { try machine.agentSocket().raw }
        }
    }

    @Test("a machine with every device that a sandbox needs starts, up to sixteen root ports")
    func everyDevice() async throws {
        let change: (inout MachineSpec) -> Void = {
            $0.start = .paused
            $0.rootPorts = 16
            $0.processors = ProcessorLayout(count: 2, maximum: 4)
            $0.memory = MemoryLayout(sizeMiB: 64, growth: MemoryGrowth(slots: 4, maximumMiB: 1024))
        }
        try await withMachine(TinyGuest(text: "up\n", ending: .powerOff), change) { machine, directory in
            try await letGo(machine)
            #expect(await machine.exited().reason == .guestShutdown)
            #expect(machine.consoleTail(1) == ["up"])
        }
    }

    @Test("a missing or wrong part is named before qemu starts")
    func parts() async throws {
        let missing = try await failure { $0.kernel.path = "/nonexistent/vmlinux" }
        #expect(
            missing.map(errorChain)
                == "use guest kernel '/nonexistent/vmlinux' (kernel of the configuration names it): stat '/nonexistent/vmlinux': No such file or directory"
        )
        #expect(missing?.fault == .user)
        let initrd = try await failure { $0.kernel.initrd = "/nonexistent/initrd" }
        #expect(
            initrd.map(errorChain)
                == "use initrd '/nonexistent/initrd' (initrd of the configuration names it): stat '/nonexistent/initrd': No such file or directory"
        )
        let emulator = try await failure { $0.emulator = "/nonexistent/qemu" }
        #expect(
            emulator.map(errorChain)
                == "use qemu '/nonexistent/qemu' (path of the configuration names it): stat '/nonexistent/qemu': No such file or directory")
        #expect(
            try await failure { $0.kernel.path = "/usr" }.map(errorChain)
                == "use guest kernel '/usr' (kernel of the configuration names it): not a file")
        let share = try await failure { $0.sharedDirectory = SharedDirectory(path: "/etc/passwd") }
        #expect(share.map(errorChain) == "use shared directory '/etc/passwd': not a directory")
        let invalid = try await failure { $0.memory.sizeMiB = 1 }
        #expect(invalid.map(errorChain) == "start machine 'test': 1 MiB of memory are less than 64")
    }

    static let refusals: [(FailureCause, MachineExit, @Sendable (inout MachineSpec) -> Void)] = [
        (.kernelNotBootable, MachineExit(status: .exited(1), reason: nil), { $0.kernel.path = "/etc/passwd" }),
        (.optionRefused, MachineExit(status: .exited(1), reason: nil), { $0.cpuModel = "nonesuch" }),
        (.hostOutOfMemory, MachineExit(status: .exited(1), reason: nil), { $0.memory.sizeMiB = 1 << 40 }),
        (.unknown, MachineExit(status: .exited(1), reason: nil), { $0.emulator = "/bin/false" }),
    ]

    @Test("a qemu that refuses is reported with its status, its words and a cause", arguments: refusals.indices)
    func refusal(index: Int) async throws {
        let (cause, exit, change) = Self.refusals[index]
        guard case .failed(let failure)? = try await failure(change) else {
            Issue.record("no failure")
            return
        }
        #expect(failure.likelyCause == cause)
        #expect(failure.facts.exit == exit)
        #expect(failure.facts.problem == .endedAtStart)
        #expect(failure.facts.errorLines.isEmpty == (cause == .unknown))
    }
}
