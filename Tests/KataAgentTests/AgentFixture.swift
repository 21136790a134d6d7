// SPDX-License-Identifier: Apache-2.0

internal import KataAgent
internal import KataSystem
internal import KataTestSupport
internal import KataWire
internal import NIOPosix
internal import SystemPackage
internal import Testing

/// A running agent in namespaces and a cgroup of its own, asked over a socket pair, with a busybox tree for containers.
struct AgentFixture {
    let client: AgentClient
    /// What `/` is to be in a container.
    let rootfs: FilePath
    /// The agent's `/sys/fs/cgroup`, seen from here.
    let cgroup: FilePath

    /// Prepares a cgroup, moves into it and becomes the agent: $1 is the group, the rest the program.
    private static let script = """
        group=$1; shift; echo 0 > "$group/cgroup.procs" || exit 1
        exec unshare --cgroup --mount sh -c '
            mount -t cgroup2 none /sys/fs/cgroup && mkdir /sys/fs/cgroup/agent && echo 0 > /sys/fs/cgroup/agent/cgroup.procs || exit 1
            exec unshare --pid --fork --kill-child --mount-proc "$@"' - "$@"
        """

    static func with(_ body: (AgentFixture) async throws -> Void, isolation: isolated (any Actor)? = #isolation) async throws {
        try await withTemporaryDirectory { directory in
            let rootfs = directory.appending("rootfs")
            try makeTree(rootfs)
            let group = try #require(try unifiedHierarchy()).appending("kata-agent-test.\(directory.lastComponent?.string ?? "")")
            try FileSystem.makeDirectory(group)
            let pair = try OwnedFD.socketPair()
            let child = try launch(in: group, on: SharedFD(pair.second))
            let connection = try await TTRPCClient.adopt(socket: pair.first, group: MultiThreadedEventLoopGroup.singleton)
            let fixture = AgentFixture(client: AgentClient(connection), rootfs: rootfs, cgroup: group)
            var failure: (any Error)?
            do { try await body(fixture) } catch { failure = error }
            await fixture.client.close()
            #expect(try await child.waitAsync() == .exited(0))
            #expect(try FileSystem.list(group.appending("kata")).filter { !$0.contains(".") } == [])
            for name in ["kata", "agent", ""] { try FileSystem.removeDirectory(group.appending(name)) }
            if let failure { throw failure }
        }
    }

    /// - Parameter socket: the agent's end, which only the agent keeps.
    private static func launch(in group: FilePath, on socket: SharedFD) throws -> ChildProcess {
        let shell = try #require(findProgram("sh"))
        let agent = TestMachine.debugBinaries.appending("kata-agent").string
        return try Subprocess(
            program: shell, arguments: ["sh", "-c", script, "-", group.string, agent, "serve", "3"], descriptors: [3: socket]
        ).spawn()
    }

    private static func unifiedHierarchy() throws -> FilePath? {
        let mounts = String(decoding: try FileSystem.read("/proc/self/mounts"), as: UTF8.self)
        let line = mounts.split(separator: "\n").first { $0.split(separator: " ")[2] == "cgroup2" }
        return line.map { FilePath(String($0.split(separator: " ")[1])) }
    }

    private static func makeTree(_ rootfs: FilePath) throws {
        let busybox = try #require(findProgram("busybox"))
        for name in ["bin", "etc", "proc", "dev", "sys", "tmp"] { try FileSystem.makeDirectory(rootfs.appending(name)) }
        try AtomicFile.write(try FileSystem.read(busybox), to: rootfs.appending("bin").appending("busybox"), mode: 0o755)
        let passwords = "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n"
        try AtomicFile.write(Array(passwords.utf8), to: rootfs.appending("etc").appending("passwd"), mode: 0o644)
    }

    /// A specification with the mounts that engines give, running `script` in busybox's shell.
    func specification(_ script: String) -> WireSpec {
        var spec = WireSpec()
        spec.root.path = rootfs.string
        spec.hostname = "box"
        spec.process = process(script)
        spec.mounts = [
            mount("proc", "/proc", "proc"), mount("tmpfs", "/dev", "tmpfs", ["nosuid", "mode=755"]),
            mount("devpts", "/dev/pts", "devpts", ["newinstance", "ptmxmode=0666"]), mount("sysfs", "/sys", "sysfs", ["ro"]),
        ]
        return spec
    }

    func process(_ script: String) -> WireProcess {
        var process = WireProcess()
        process.args = ["/bin/busybox", "sh", "-c", script]
        process.env = ["PATH=/bin"]
        process.cwd = "/"
        return process
    }

    func mount(_ source: String, _ destination: String, _ type: String, _ options: [String] = []) -> WireMount {
        var mount = WireMount()
        mount.source = source
        mount.destination = destination
        mount.type = type
        mount.options = options
        return mount
    }

    func create(_ id: String, _ spec: WireSpec) async throws {
        var request = WireCreateContainerRequest()
        request.containerID = id
        request.oci = spec
        try await client.createContainer(request)
    }

    func start(_ id: String) async throws {
        var request = WireStartContainerRequest()
        request.containerID = id
        try await client.startContainer(request)
    }

    func execute(_ exec: String, in id: String, _ process: WireProcess) async throws {
        var request = WireExecProcessRequest()
        request.containerID = id
        request.execID = exec
        request.process = process
        try await client.execProcess(request)
    }

    func wait(_ id: String, exec: String = "") async throws -> Int32 {
        var request = WireWaitProcessRequest()
        request.containerID = id
        request.execID = exec
        return try await client.waitProcess(request).status
    }

    func signal(_ number: UInt32, _ id: String, exec: String = "") async throws {
        var request = WireSignalProcessRequest()
        request.containerID = id
        request.execID = exec
        request.signal = number
        try await client.signalProcess(request)
    }

    func remove(_ id: String) async throws {
        var request = WireRemoveContainerRequest()
        request.containerID = id
        try await client.removeContainer(request)
    }

    /// Standard output to its end.
    func output(_ id: String, exec: String = "") async throws -> [UInt8] {
        var request = WireReadStreamRequest()
        request.containerID = id
        request.execID = exec
        request.len = 65536
        var all: [UInt8] = []
        while true {
            let part = try await client.readStdout(request).bytes
            if part.isEmpty { return all }
            all += part
        }
    }

    /// Runs a container to its end and removes it.
    func run(_ id: String, _ spec: WireSpec) async throws -> (output: String, status: Int32) {
        try await create(id, spec)
        try await start(id)
        let text = String(decoding: try await output(id), as: UTF8.self)
        let status = try await wait(id)
        try await remove(id)
        return (text, status)
    }
}
