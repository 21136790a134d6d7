// SPDX-License-Identifier: Apache-2.0

internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataText
internal import KataWire
internal import NIOCore
internal import NIOPosix
internal import SystemPackage

/// A command's connection to the shim of one sandbox.
struct ShimClient: Sendable {
    let directory: SandboxDirectory
    let tasks: TasksClient
    private let group: MultiThreadedEventLoopGroup

    /// Connects to the shim that listens in `directory`.
    init(_ directory: SandboxDirectory) throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.directory = directory
        self.group = group
        tasks = try waitFor { TasksClient(try await TTRPCClient.connect(unix: directory.serviceSocket, group: group)) }
    }

    func close() {
        _ = try? waitFor { [tasks, group] in
            await tasks.close()
            try await group.shutdownGracefully()
        }  // the process ends soon after; nothing is lost
    }

    /// Starts a shim and waits until it serves.
    ///
    /// - Returns: the connection and the shim's notices for the user.
    static func launch(_ launch: ShimLaunch) throws -> (client: ShimClient, shim: ProcessIdentity, notices: [String]) {
        let directory = SandboxDirectory(FilePath(launch.sandbox))
        let (child, reader) = try spawn(launch, log: directory.log)
        let identity = try child.identity()
        let greeting = try greeting(reader, log: directory.log)
        guard case .ready(let notices) = greeting, let identity else {
            _ = try child.wait()
            if case .failed(let message) = greeting { throw ShimFailure.refused(message) }
            throw ShimFailure.died(directory.log)
        }
        return (try ShimClient(directory), identity, notices)
    }

    /// The process and the end of the pipe that it greets through. Our copy of the other end goes here: its end of file is the news of a
    /// shim that died.
    private static func spawn(_ launch: ShimLaunch, log: FilePath) throws -> (ChildProcess, SharedFD) {
        let (reader, writer) = try OwnedFD.pipe().split { (SharedFD($0), SharedFD($1)) }
        let output = SharedFD(try OwnedFD.open(log, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600))
        let argument = String(decoding: try encodeJSON(launch, pretty: false), as: UTF8.self)
        let child = try Subprocess(
            program: "/proc/self/exe", arguments: [ShimLaunch.name, argument],
            descriptors: [2: output, ShimLaunch.greetingNumber: writer], newSession: true
        ).spawn()
        return (child, reader)
    }

    private static func greeting(_ reader: SharedFD, log: FilePath) throws -> ShimGreeting? {
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            let part = try reader.read(upTo: 1 << 16)
            if part.isEmpty { return nil }
            line += part
        }
        let parsed = JSONDocument.parse(SourceText(path: log, bytes: line))
        return try parsed.value?.decode(ShimGreeting.self)
    }
}

enum ShimFailure: FaultyError {
    case refused(String)
    case died(FilePath)

    var fault: Fault {
        switch self {
        case .refused: .user
        case .died: .host
        }
    }

    var description: String {
        switch self {
        case .refused(let message): message
        case .died(let log): "start the shim: it ended before it served; its log is \(log)"
        }
    }
}
