// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataBundle
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataText
internal import KataWire
internal import SystemPackage

package struct Exec: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Run a further process in a running container.")

    @ParentCommand private var parent: KataRuntimeCommand
    @OptionGroup private var process: ExecProcessOptions

    @Flag(name: [.short, .long], help: "Return as soon as the process runs.")
    var detach = false

    @Option(help: "Unix socket that the master of a new terminal is sent to.")
    var consoleSocket: String?

    @Option(help: "File that the process's pid is written to.")
    var pidFile: String?

    @Option(help: "Number of further descriptors to hand to the process; a virtual machine can take none but 0.")
    var preserveFds = 0

    @Option(help: "Control group below the container's own to run the process in; the guest has none but the container's, /.")
    var cgroup: String?

    @Flag(help: "Also in a paused container, where the process waits for resume.")
    var ignorePaused = false

    @Argument(help: "Name of the container.")
    var id: String

    @Argument(parsing: .captureForPassthrough, help: "Program and arguments.")
    var command: [String] = []

    package init() {}

    package func run() throws {
        let abort = try CreationAbort()
        guard preserveFds == 0 else { throw DescriptorError.notCarried(preserveFds) }
        if let cgroup, !["", "/"].contains(cgroup) { throw ExecFailure.noGroup(cgroup) }
        let (client, id) = try ShimClient.of(id, parent, act: "exec into") { [ignorePaused] status in
            status == .running || status == .created || status == .paused && ignorePaused
        }
        let root = try parent.context.stateRoot
        let record = try root.record(id)
        let (process, ignored) = try process.resolve(command) { try Bundle.specification(of: record, in: root).process }
        // Standard error is the process's own.
        for notice in ignored + process.unappliedParts { parent.errors.append(notice, .warning) }
        let stub = try abort.guarding { [consoleSocket] in
            let console: WorkloadConsole = try consoleSocket.map { try .new(for: try absolute($0)) } ?? .inherited()
            return try Self.start(process, id, client, console)
        }
        if let pidFile { try AtomicFile.write(Array("\(stub.pid)".utf8), to: try absolute(pidFile), mode: 0o644) }
        if detach { return }
        abort.hand(to: stub)
        let raw = process.terminal ?? false && consoleSocket == nil ? try RawTerminal(try WorkloadStdio.ofThisProcess().input) : nil
        defer { raw?.restore() }
        throw WorkloadStatus(status: try stub.wait().shellStatus)
    }

    /// - Parameter id: nil for a program of the guest itself.
    static func start(
        _ process: ProcessSpec, _ id: ContainerID?, _ client: ShimClient, _ console: WorkloadConsole
    ) throws -> ChildProcess {
        let stub = try StubProcess.spawn(executable: "/proc/self/exe", inheriting: console.stub)
        do {
            try StubProcess.awaitReady(stub.shimEnd)
            let token = try DescriptorExchange.send(
                console.stdio, stub: stub.child, stubSocket: stub.shimEnd, to: client.directory.descriptorSocket)
            let document = try encodeJSON(process, pretty: false)
            _ = try waitFor {
                try await client.tasks.exec(
                    .with {
                        $0.id = id?.rawValue ?? ""
                        $0.execID = "exec-\(stub.child.pid)-\(UInt32.random(in: 0 ... .max))"
                        $0.processDocument = document
                        $0.stdioToken = token
                    })
            }
            return stub.child
        } catch {
            _ = try? stub.child.signal(SIGKILL)  // it may have ended with the shim
            _ = try? stub.child.wait()
            throw error
        }
    }
}

/// What the process of `exec` is, as runc's flags say it.
struct ExecProcessOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "File with the process as JSON, instead of program, arguments and flags.")
    var process: String?

    @Option(help: "Working directory; else the container's.")
    var cwd: String?

    @Option(name: [.short, .long], help: "KEY=value, added to the container's environment.")
    var env: [String] = []

    @Option(name: [.short, .long], help: "USER[:GROUP], ids or names of the container's; else the container's own.")
    var user: String?

    @Option(name: [.customShort("g"), .long], help: "Additional group id.")
    var additionalGids: [UInt32] = []

    @Option(name: [.customShort("c"), .customLong("cap")], help: "Capability added to the container's.")
    var capabilities: [String] = []

    @Flag(name: [.short, .long], help: "Give the process a terminal.")
    var tty = false

    @Flag(help: "Gain no privileges from set-user-id programs.")
    var noNewPrivs = false

    @Option(help: "SELinux label; the guest has no SELinux, and a warning says so.")
    var processLabel: String?

    @Option(help: "AppArmor profile; the guest has no AppArmor, and a warning says so.")
    var apparmor: String?

    /// The process, built on the container's own, and what of its file is ignored.
    func resolve(_ command: [String], own: () throws -> ProcessSpec?) throws -> (ProcessSpec, ignored: [String]) {
        if let process {
            var (result, ignored) = try Self.read(try absolute(process))
            if tty { result.terminal = true }
            return (result, ignored)
        }
        let words = command.first == "--" ? Array(command.dropFirst()) : command
        guard !words.isEmpty else { throw ExecFailure.noCommand }
        guard var result = try own() else { throw ExecFailure.noCommand }
        result.terminal = tty
        result.args = words
        if let cwd { result.cwd = cwd }
        result.env = (result.env ?? []) + env
        if let user { result.user = try Self.parse(user: user, result.user) }
        if !additionalGids.isEmpty { result.user.additionalGids = (result.user.additionalGids ?? []) + additionalGids }
        if noNewPrivs { result.noNewPrivileges = true }
        // The container's own labels were told when it was made.
        result.selinuxLabel = processLabel
        result.apparmorProfile = apparmor
        if !capabilities.isEmpty {
            var sets = result.capabilities ?? LinuxCapabilities()
            sets.bounding = (sets.bounding ?? []) + capabilities
            sets.effective = (sets.effective ?? []) + capabilities
            sets.permitted = (sets.permitted ?? []) + capabilities
            result.capabilities = sets
        }
        let problems = Bundle.problems(of: result)
        guard problems.isEmpty else { throw ExecFailure.invalid(problems) }
        return (result, [])
    }

    /// Names are left to the guest, which has the container's files.
    static func parse(user: String, _ standard: UserSpec) throws(ExecFailure) -> UserSpec {
        let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty }) else { throw .badUser(user) }
        var result = standard
        let numbers = parts.map { UInt32($0) }
        guard let uid = numbers[0], numbers.count == 1 || numbers[1] != nil else {
            result.username = user
            return result
        }
        result.uid = uid
        if numbers.count == 2 { result.gid = numbers[1] ?? 0 }
        return result
    }

    private static func read(_ path: FilePath) throws -> (ProcessSpec, ignored: [String]) {
        let (process, ignored) = try Bundle.process(SourceText(path: path, bytes: try FileSystem.read(path, limit: 1 << 20)))
        return (process, ignored)
    }
}

enum ExecFailure: FaultyError {
    case noCommand
    case badUser(String)
    case invalid([String])
    case noGroup(String)

    var fault: Fault { .user }

    var description: String {
        switch self {
        case .noCommand: "exec: name a program, or give --process with a file"
        case .badUser(let text): "exec: user '\(text)' is not USER or USER:GROUP"
        case .invalid(let problems): "exec: " + problems.joined(separator: "; ")
        case .noGroup(let name):
            "exec: --cgroup '\(name)': the guest runs all processes of a container in the container's own control group, /"
        }
    }
}
