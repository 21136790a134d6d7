// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// A container of the guest. Confined to the sandbox actor.
final class Container {
    enum Phase {
        /// The first process waits for its start.
        case created(LaunchedProcess)
        case started
        /// It is being taken apart, and no call finds it any more.
        case removing
    }

    let id: String
    let cgroup: ContainerCgroup
    let description: ContainerDescription
    let first: ContainerProcess
    var phase: Phase
    var later: [String: ContainerProcess] = [:]
    var storages: StorageMounts
    var memoryWatch: MemoryWatch?
    /// Later processes whose status the host has.
    private var waited: Set<String> = []

    init(
        id: String, cgroup: consuming ContainerCgroup, description: ContainerDescription, launched: LaunchedProcess,
        storages: StorageMounts
    ) {
        self.id = id
        self.cgroup = cgroup
        self.description = description
        self.storages = storages
        first = launched.process
        phase = .created(launched)
    }

    /// The guest itself.
    init(guest first: ContainerProcess, cgroup: consuming ContainerCgroup) {
        id = ""
        self.cgroup = cgroup
        description = ContainerDescription(root: "/")
        storages = StorageMounts()
        self.first = first
        phase = .started
    }

    /// - Parameter exec: empty for the first process.
    func process(_ exec: String) throws(AgentFailure) -> ContainerProcess {
        if exec.isEmpty || exec == id { return first }
        guard let process = later[exec] else { throw .unknownProcess(container: id, exec: exec) }
        return process
    }

    func markWaited(_ exec: String) {
        if later[exec] != nil { waited.insert(exec) }
        forgetDrained(exec)
    }

    /// A later process is kept until the host has its status and all of its output.
    func forgetDrained(_ exec: String) {
        guard waited.contains(exec), let process = later[exec], process.isDrained else { return }
        process.closeStreams()
        later[exec] = nil
        waited.remove(exec)
    }

    /// An ended process gives its id free.
    func replaceEnded(_ exec: String) throws(AgentFailure) {
        guard let process = later[exec] else { return }
        guard process.hasEnded else { throw .processExists(container: id, exec: exec) }
        process.closeStreams()
        later[exec] = nil
        waited.remove(exec)
    }

    func closeStreams() {
        first.closeStreams()
        for process in later.values { process.closeStreams() }
    }
}
