// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import SystemPackage

/// Frees everything that a container may have left, whatever happened to its processes.
struct ContainerCleanup: Sendable {
    let root: StateRoot
    let id: ContainerID
    /// Nil while other containers are in it.
    let sandbox: FilePath?
    /// Ended first; a process that is somebody else's by now does not match and is let be.
    let processes: [ProcessIdentity]
    /// Of the container on the host.
    let cgroup: String?

    init(root: StateRoot, id: ContainerID, sandbox: FilePath?, processes: [ProcessIdentity], cgroup: String?) {
        self.root = root
        self.id = id
        self.sandbox = sandbox
        self.processes = processes
        self.cgroup = cgroup
    }

    init(root: StateRoot, id: ContainerID, record: ContainerRecord) {
        self.init(root: root, id: id, sandbox: record.sandboxDirectory, processes: record.processes, cgroup: record.cgroup)
    }

    /// The directories go last, so that a failure leaves the container deletable again.
    func run() throws {
        try freeResources()
        try root.remove(id)
    }

    private func freeResources() throws {
        for process in processes where process.isAlive {
            _ = try? process.signal(SIGKILL)  // it may end by itself meanwhile
        }
        for process in processes { ProcessEnd.wait(for: process, milliseconds: 5000) }
        if let cgroup { try HostCgroup(path: cgroup).remove() }
        if let sandbox { try FileSystem.removeTree(sandbox) }
    }

    /// After a failed creation, which is reported anyway.
    func abandon() {
        do {
            try freeResources()
            try root.release(id)
        } catch {
            // The failure that led here is the one to report; delete --force does this again.
        }
    }
}

/// Waiting for a process that is not our child.
enum ProcessEnd {
    /// Returns when it has ended or the time is up.
    static func wait(for process: ProcessIdentity, milliseconds: Int32) {
        if let descriptor = try? process.openDescriptor() {  // gone already, or a kernel before 5.3
            guard process.isAlive else { return }
            _ = try? waitReadable([descriptor.raw], timeoutMilliseconds: milliseconds)  // poll fails on no descriptor that is open
            return
        }
        let end = MonotonicInstant.now().nanoseconds + UInt64(milliseconds) * 1_000_000
        while process.isAlive, MonotonicInstant.now().nanoseconds < end { usleep(2000) }
    }
}
