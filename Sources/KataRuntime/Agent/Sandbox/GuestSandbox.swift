// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
internal import SystemPackage

/// All that the agent holds: the sandbox's storages, its containers and their processes. It lives on the agent's loop thread,
/// so that a child is in the table of processes before its end can be seen.
package actor GuestSandbox {
    nonisolated let loop: AgentLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let log: ConsoleLog
    private var id: String?
    private var storages = StorageMounts()
    var containers: [String: Container] = [:]
    /// Ids of containers whose creation has not ended yet.
    var creating: Set<String> = []
    var processes: [pid_t: ContainerProcess] = [:]
    /// The image's directory of hooks.
    private(set) var guestHookPath: FilePath?
    /// Containers that ran out of memory, which the host has not heard of yet.
    private var outOfMemory: [String] = []
    private var outOfMemoryListener: CheckedContinuation<String, Never>?
    var names = NameQueries()
    /// Whether programs may be run outside of containers.
    let allowsGuestShell: Bool
    /// The guest itself, once a program was run in it.
    var shell: Container?

    package init(loop: AgentLoop, log: ConsoleLog, allowsGuestShell: Bool = false) {
        self.loop = loop
        self.allowsGuestShell = allowsGuestShell
        self.log = log
    }

    /// Names the guest and mounts the sandbox's storages.
    package func create(id: String, hostName: String, dns: [String], hooks: String = "", storages plans: [StoragePlan]) throws {
        guard self.id == nil else { throw AgentFailure.sandboxExists(id) }
        if !hostName.isEmpty { try syscall("sethostname", hostName) { sethostname(hostName, hostName.utf8.count) } }
        if !dns.isEmpty {
            try FileSystem.makeDirectory("/etc")
            try AtomicFile.write(Array((dns.joined(separator: "\n") + "\n").utf8), to: "/etc/resolv.conf", mode: 0o644)
        }
        do {
            try storages.add(plans)
        } catch {
            // The mount that failed is the one to report.
            _ = try? storages.unmountAll()
            throw error
        }
        self.id = id
        guestHookPath = hooks.isEmpty ? nil : FilePath(hooks)
        log.write(.info, "sandbox created", ["sandbox": .text(id)])
    }

    /// Ends everything; what cannot be undone is reported, and the rest is undone all the same.
    package func destroy() async throws {
        var failure: (any Error)?
        for container in containers.values {
            do { try await remove(container, seconds: 10) } catch { failure = failure ?? error }
        }
        if let shell { do { try shell.cgroup.killAll() } catch { failure = failure ?? error } }
        do { try storages.unmountAll() } catch { failure = failure ?? error }
        sync()
        id = nil
        if let failure { throw failure }
    }

    /// The container that ran out of memory next; one listener at a time.
    package func nextOutOfMemory() async throws -> String {
        guard outOfMemoryListener == nil else { throw AgentFailure.streamBusy("the memory events") }
        if !outOfMemory.isEmpty { return outOfMemory.removeFirst() }
        return await withCheckedContinuation { outOfMemoryListener = $0 }
    }

    func reportOutOfMemory(_ id: String) {
        log.write(.warning, "out of memory", ["container": .text(id)])
        guard let listener = outOfMemoryListener else {
            // Nobody listens to an old host's guest.
            if outOfMemory.count < 1000 { outOfMemory.append(id) }
            return
        }
        outOfMemoryListener = nil
        listener.resume(returning: id)
    }

    func container(_ id: String) throws(AgentFailure) -> Container {
        if id.isEmpty, let shell { return shell }
        guard let container = containers[id] else { throw .unknownContainer(id) }
        if case .removing = container.phase { throw .unknownContainer(id) }
        return container
    }

    /// Collects ended children for ever: processes of containers and orphans alike.
    ///
    /// - Parameter signals: signalfd of SIGCHLD, blocked in every thread.
    package func reap(signals: SharedFD) async {
        while true {
            collectEnded()
            _ = await loop.ready(signals.raw, .readable)
            // Only that there was a signal matters, not how often: all ended children are collected.
            _ = try? signals.read(upTo: 4096)
        }
    }

    private func collectEnded() {
        while true {
            var status: Int32 = 0
            let pid = waitpid(-1, &status, WNOHANG)
            guard pid > 0 else { return }
            let signal = status & 0x7f
            processes.removeValue(forKey: pid)?.end(status: signal == 0 ? (status >> 8) & 0xff : 128 + signal)
        }
    }

    /// Starts one more process in the group of a container or, where the container has divided that among groups of its own, in that of its
    /// first process (kernel: admin-guide/cgroup-v2, No Internal Process Constraint), as runc does.
    func start(_ launch: ProcessLaunch, in container: Container) throws(SystemError) -> LaunchedProcess {
        do throws(SystemError) {
            return try start(launch, in: container.cgroup.directory)
        } catch {
            guard error.errno == .resourceBusy, let group = try container.cgroup.group(of: container.first.pid) else { throw error }
            return try start(launch, in: try OwnedFD.open(group, O_RDONLY | O_DIRECTORY))
        }
    }

    /// Starts a process and puts it into the table at once.
    func start(_ launch: ProcessLaunch, in cgroup: borrowing OwnedFD) throws(SystemError) -> LaunchedProcess {
        let launched = try launch.start(in: cgroup, loop: loop)
        processes[launched.process.pid] = launched.process
        return launched
    }
}
