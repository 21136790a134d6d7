// SPDX-License-Identifier: Apache-2.0

public import KataSystem
public import SystemPackage

internal import Glibc
internal import Synchronization

/// What a program left behind.
public struct ProgramResult: Sendable {
    public let status: ExitStatus
    public let output: [UInt8]
    public let errors: [UInt8]

    public var text: String { String(decoding: output, as: UTF8.self) }
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// Runs a program to its end, feeding `input` and collecting both outputs; killed after `timeout` (then `.signaled(9)`).
public func runProgram(
    _ program: FilePath, _ arguments: [String], input: [UInt8] = [], environment: [String]? = nil,
    workingDirectory: FilePath? = nil, timeout: Duration = .seconds(120)
) async throws -> ProgramResult {
    let running = try RunningProgram(
        program, arguments, environment: environment, workingDirectory: workingDirectory)
    return try await running.finish(input: input, timeout: timeout)
}

/// A program that a test talks to while it runs.
public final class RunningProgram: Sendable {
    public let child: ChildProcess
    public let standardOutput: SharedFD
    public let standardError: SharedFD
    private let standardInput: Mutex<SharedFD?>

    public init(
        _ program: FilePath, _ arguments: [String], environment: [String]? = nil, workingDirectory: FilePath? = nil
    ) throws {
        _ = signal(SIGPIPE, SIG_IGN)
        let input = try Self.sharedPipe()
        let output = try Self.sharedPipe()
        let errors = try Self.sharedPipe()
        child = try Subprocess(
            program: program, arguments: [program.string] + arguments, environment: environment,
            descriptors: [0: input.0, 1: output.1, 2: errors.1], workingDirectory: workingDirectory
        ).spawn()
        standardInput = Mutex(input.1)
        standardOutput = output.0
        standardError = errors.0
    }

    private static func sharedPipe() throws -> (SharedFD, SharedFD) {
        try OwnedFD.pipe().split { (SharedFD($0), SharedFD($1)) }
    }

    /// Writes to the program's standard input; EPIPE when it no longer reads.
    public func write(_ bytes: [UInt8]) throws {
        try standardInput.withLock { $0 }?.writeAll(bytes)
    }

    /// The program sees end of file.
    public func closeInput() {
        standardInput.withLock { $0 = nil }
    }

    /// Feeds `input`, closes it, collects what has not been read yet, and waits; SIGKILL after `timeout`.
    public func finish(input: [UInt8] = [], timeout: Duration = .seconds(120)) async throws -> ProgramResult {
        let watchdog = Task {
            try await Task.sleep(for: timeout)
            try child.signal(SIGKILL)
        }
        async let output = collect(standardOutput)
        async let errors = collect(standardError)
        async let fed: Void = blocking("feed") { [self] in
            _ = try? write(input)  // EPIPE: the program chose not to read it
            closeInput()
        }
        let status = try await child.waitAsync()
        watchdog.cancel()
        try await fed
        return try await ProgramResult(status: status, output: output, errors: errors)
    }

    private func collect(_ fd: SharedFD) async throws -> [UInt8] {
        try await blocking("collect") { () -> [UInt8] in
            var all: [UInt8] = []
            while let part = try? fd.read(upTo: 1 << 16), !part.isEmpty { all += part }  // an error ends the stream too
            return all
        }
    }
}
