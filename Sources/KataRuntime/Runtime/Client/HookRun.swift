// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataBundle
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataText
internal import SystemPackage

/// Runs the hooks of a container on the host, with its state document as their standard input (runtime-spec, Hooks).
struct HookRun: Sendable {
    /// `pid` is the stub's, in whose network namespace engines make interfaces.
    let state: ContainerState
    /// Where a directory for the files of the run is made.
    let directory: FilePath

    private static let endless = Int32(-1)

    /// Stops at the first that fails.
    func run(_ hooks: [HookSpec]?, _ point: String) throws {
        for hook in hooks ?? [] { try run(hook, point) }
    }

    /// As `run`, in the network namespace of the process that the state names. The file systems stay the host's, where the programs are.
    func runInside(_ hooks: [HookSpec]?, _ point: String) throws {
        guard let hooks, !hooks.isEmpty else { return }
        let done = OneShot<Result<Void, any Error>>()
        // A child is born where the thread is that makes it.
        try startThread(name: "hooks", stackKiB: 512) { [self] in
            done.set(
                Result {
                    try NetworkNamespace.enter(try OwnedFD.open(FilePath("/proc/\(state.pid)/ns/net"), O_RDONLY))
                    try run(hooks, point)
                })
        }
        try waitFor { await done.value }.get()
    }

    private func run(_ hook: HookSpec, _ point: String) throws {
        let files = directory.appending(".hook.\(UInt32.random(in: 0 ... .max))")
        try FileSystem.makeDirectory(files, mode: 0o700)
        defer { _ = try? FileSystem.removeTree(files) }  // it goes with the directory at the latest
        let input = files.appending("state.json")
        let log = files.appending("output")
        try AtomicFile.write(try encodeJSON(state, pretty: false), to: input)
        let output = SharedFD(try OwnedFD.open(log, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600))
        let child = try Subprocess(
            program: FilePath(hook.path), arguments: hook.args ?? [hook.path], environment: hook.env ?? [],
            descriptors: [0: SharedFD(try OwnedFD.open(input, O_RDONLY)), 1: output, 2: output],
            workingDirectory: FilePath(state.bundle), newSession: true
        ).spawn()
        let limit = hook.timeout.map { Int32(clamping: $0 * 1000) } ?? Self.endless
        if let identity = try child.identity() {
            ProcessEnd.wait(for: identity, milliseconds: limit)
            if identity.isAlive {
                kill(-child.pid, SIGKILL)  // with what it started: it leads a group of its own
                _ = try child.wait()
                throw HookFailure(point: point, path: hook.path, problem: "it ran longer than \(hook.timeout ?? 0) s and was killed")
            }
        }
        let status = try child.wait()
        guard status != .exited(0) else { return }
        let said = String(decoding: try FileSystem.read(log, limit: 1 << 20).suffix(4096), as: UTF8.self)
        throw HookFailure(point: point, path: hook.path, problem: "exit status \(status.shellStatus): \(said)")
    }
}

extension HookRun {
    /// The hooks of a container that exists.
    static func hooks(of record: ContainerRecord, _ root: StateRoot) -> HookSpecs? {
        // Whoever has taken the files away, has taken the hooks away.
        (try? Bundle.specification(of: record, in: root))?.hooks
    }

    /// Runs hooks of a container that exists or did; a failure is reported and changes nothing (runtime-spec, Lifecycle).
    static func afterwards(_ record: ContainerRecord, _ root: StateRoot, _ point: String, _ errors: ErrorLog, _ hooks: [HookSpec]?) {
        for hook in hooks ?? [] {
            do {
                var state = try record.state()
                // Of a container that is deleted by force nobody knows it.
                state.exitStatus = nil
                try HookRun(state: state, directory: root.path).run([hook], point)
            } catch {
                errors.append(errorChain(error), .warning)
            }
        }
    }
}

struct HookFailure: FaultyError {
    let point: String
    let path: String
    let problem: String

    var fault: Fault { .user }
    var description: String { "run \(point) hook '\(path)': \(problem)" }
}
