// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// How a process ended.
public enum ExitStatus: Hashable, Sendable {
    case exited(Int32)
    case signaled(Int32)

    /// The shell's convention: the exit code, or 128 + the signal's number.
    public var shellStatus: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let number): 128 + number
        }
    }
}

/// A program to start: nothing is inherited but what is named here.
public struct Subprocess: Sendable {
    public var program: FilePath
    /// argv, the program's name first.
    public var arguments: [String]
    /// `KEY=value`; nil inherits ours.
    public var environment: [String]?
    /// The child's number of each descriptor; 0, 1 and 2 not named here are /dev/null.
    public var descriptors: [CInt: SharedFD]
    public var workingDirectory: FilePath?
    /// Sent to the child when the *thread* that spawned it ends (prctl(2) PR_SET_PDEATHSIG).
    public var parentDeathSignal: CInt?
    public var newSession: Bool

    public init(
        program: FilePath, arguments: [String], environment: [String]? = nil, descriptors: [CInt: SharedFD] = [:],
        workingDirectory: FilePath? = nil, parentDeathSignal: CInt? = nil, newSession: Bool = false
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.descriptors = descriptors
        self.workingDirectory = workingDirectory
        self.parentDeathSignal = parentDeathSignal
        self.newSession = newSession
    }

    /// fork and exec; an exec that fails is reported here, not by the child's exit status.
    public func spawn() throws(SystemError) -> ChildProcess {
        let null = SharedFD(try OwnedFD.open("/dev/null", O_RDWR))
        var all = descriptors
        for standard: CInt in 0...2 where all[standard] == nil { all[standard] = null }
        let targets = all.keys.sorted()
        let sources = targets.map { all[$0]?.raw ?? null.raw }
        var stage = CL_SPAWN_FORK
        let pid = withStrings(arguments) { argv in
            withStrings(environment ?? Self.currentEnvironment()) { envp in
                withOptionalPath(workingDirectory) { directory in
                    program.withPlatformString { path in
                        sources.withUnsafeBufferPointer { from in
                            targets.withUnsafeBufferPointer { to in
                                var request = cl_spawn_request(
                                    path: path, argv: argv, envp: envp, sources: from.baseAddress, targets: to.baseAddress,
                                    descriptor_count: targets.count, directory: directory,
                                    parent_death_signal: parentDeathSignal ?? 0, new_session: newSession ? 1 : 0)
                                return cl_spawn(&request, &stage)
                            }
                        }
                    }
                }
            }
        }
        let code = cl_errno()
        withExtendedLifetime(all) {}
        if pid < 0 { throw Self.failure(stage, program, Errno(rawValue: code)) }
        return ChildProcess(pid: pid)
    }

    /// Runs the program to its end and returns what it wrote to its standard output, whatever its status.
    public func output(limit: Int) throws(SystemError) -> String {
        try OwnedFD.pipe().split { (reader, writer) throws(SystemError) in
            let child = try spawn(writingTo: writer)
            let bytes = try reader.readAll(limit: limit)
            _ = try child.wait()
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Only the child has the writer afterwards.
    private func spawn(writingTo writer: consuming OwnedFD) throws(SystemError) -> ChildProcess {
        var order = self
        order.descriptors[1] = SharedFD(writer)
        return try order.spawn()
    }

    private static func failure(_ stage: cl_spawn_stage, _ program: FilePath, _ errno: Errno) -> SystemError {
        let call =
            switch stage {
            case CL_SPAWN_DEATH_SIGNAL: "prctl PR_SET_PDEATHSIG for"
            case CL_SPAWN_SESSION: "setsid for"
            case CL_SPAWN_DIRECTORY: "chdir for"
            case CL_SPAWN_DESCRIPTOR: "dup2 for"
            case CL_SPAWN_EXEC: "execve"
            default: "fork for"
            }
        return SystemError(call: call, subject: program.string, errno: errno)
    }

    /// `KEY=value` of this process.
    public static func currentEnvironment() -> [String] {
        var all: [String] = []
        guard var next = cl_environment() else { return all }
        while let entry = next.pointee {
            all.append(String(cString: entry))
            next += 1
        }
        return all
    }
}

/// A child that must be waited for exactly once.
public struct ChildProcess: Sendable {
    public let pid: Int32

    /// Nil when it has already ended.
    public func identity() throws(SystemError) -> ProcessIdentity? { try ProcessIdentity.of(pid: pid) }

    /// Blocks until it has ended, and reaps it.
    public func wait() throws(SystemError) -> ExitStatus {
        var status: CInt = 0
        var signaled: CInt = 0
        try syscall("waitid", "\(pid)") { cl_wait(pid, &status, &signaled) }
        return signaled == 0 ? .exited(status) : .signaled(status)
    }

    /// As `wait`, from a thread of its own.
    public func waitAsync() async throws(SystemError) -> ExitStatus {
        let child = self
        let outcome: Result<ExitStatus, SystemError> = try await blocking("wait-child") {
            do throws(SystemError) { return .success(try child.wait()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// The pid stays ours until `wait` has returned, so it cannot hit a stranger before that.
    public func signal(_ number: CInt) throws(SystemError) {
        try syscall("kill", "\(pid)") { kill(pid, number) }
    }
}

/// A NULL-terminated array of C strings that lives as long as `body`.
func withStrings<Result>(_ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result) -> Result {
    var pointers = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { buffer in
        // An array with at least its terminator always has a base address.
        guard let base = buffer.baseAddress else { preconditionFailure("an array with a terminator has no storage") }
        return body(base)
    }
}

private func withOptionalPath<Result>(_ path: FilePath?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let path else { return body(nil) }
    return path.withPlatformString { body($0) }
}
