// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// Has the host's kernel say that a container ran out of memory. Engines take that from their own kernel, of which they watch the container's
/// group (conmon and containerd-shim-runc-v2: `memory.oom_control` of version 1, `memory.events` of version 2); but the kernel that knows is
/// the guest's.
///
/// A process of ours in the group, the ballast, takes memory up to a limit that holds for that moment. It is the first that the kernel ends,
/// by its size and its oom_score_adj (proc(5)). It all runs in a process of its own, so that the limit is taken back even if the shim ends
/// meanwhile.
package struct MemoryAlarm: Sendable {
    /// argv[0] of the program that gives an alarm; its argument is the group.
    package static let name = "kata-alarm"
    /// argv[0] of the program that is the ballast.
    package static let ballastName = "kata-ballast"

    private struct Files {
        let limit: String
        let usage: String
        /// "0" there keeps the kernel from making room by swapping the machine out.
        let swap: String

        static let all = [
            Files(limit: "memory.max", usage: "memory.current", swap: "memory.swap.max"),
            Files(limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes", swap: "memory.swappiness"),
        ]
    }

    private let group: FilePath
    private let files: Files

    /// More than members of the group may take meanwhile, which the ballast returns when it ends.
    private static let room: UInt64 = 4 << 20
    private static let mostRoom: UInt64 = 256 << 20
    private static let highestScore: Int32 = 1000
    /// A member of a higher one might be ended in the ballast's place. Engines leave shims and machines at 0, 1 or below.
    private static let rivalScore: Int32 = 100
    private static let patience: Int32 = 2_000

    /// - Parameter group: a directory of a hierarchy that counts memory; nil otherwise.
    init?(group: FilePath) {
        guard let files = Files.all.first(where: { FileSystem.exists(group.appending($0.limit)) }) else { return nil }
        self.group = group
        self.files = files
    }

    /// Gives an alarm in the group of a container, and returns when it is over. Where it cannot be given, engines hear nothing.
    static func give(in group: FilePath) async {
        let alarm = Subprocess(program: "/proc/self/exe", arguments: [name, group.string], environment: [])
        _ = try? await alarm.spawn().waitAsync()
    }

    /// The alarm's whole life; returns its exit status, 0 when the kernel has ended the ballast. Runs before any thread exists.
    package static func main(_ arguments: [String]) -> Int32 {
        guard arguments.count == 2, let alarm = MemoryAlarm(group: FilePath(arguments[1])) else { return 2 }
        return (try? alarm.ring()) == true ? 0 : 1
    }

    /// The ballast's whole life: takes memory until it is ended.
    package static func ballast() -> Int32 {
        let socket = OwnedFD(adopting: StubProcess.socketNumber)
        let piece = 1 << 20
        _ = try? write(ballastName, to: "/proc/self/comm")  // the kernel's log speaks of it
        guard (try? write("\(highestScore)", to: "/proc/self/oom_score_adj")) != nil, (try? socket.read(upTo: 1))?.count == 1 else {
            return 1
        }
        while let place = mmap(nil, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), Int(bitPattern: place) != -1 {
            for offset in stride(from: 0, to: piece, by: 4096) { place.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self) }
        }
        return 1
    }

    private func ring() throws(SystemError) -> Bool {
        guard try !isRivalled() else { return false }
        let (ballast, socket) = try Self.spawnBallast()
        let hasEnded = try? load(ballast, socket)
        try ballast.signal(SIGKILL)
        let status = try ballast.wait()
        return hasEnded == true && status == .signaled(SIGKILL)
    }

    /// The socket is at its end when the ballast has ended.
    private static func spawnBallast() throws(SystemError) -> (ballast: ChildProcess, socket: SharedFD) {
        let (ours, theirs) = try OwnedFD.socketPair().split { (SharedFD($0), SharedFD($1)) }
        let order = Subprocess(
            program: "/proc/self/exe", arguments: [ballastName], environment: [], descriptors: [StubProcess.socketNumber: theirs])
        return (try order.spawn(), ours)
    }

    /// - Returns: whether the ballast has ended before our patience has.
    private func load(_ ballast: ChildProcess, _ socket: SharedFD) throws(SystemError) -> Bool {
        try write("\(ballast.pid)", to: "cgroup.procs")
        let swap = try? read(files.swap)
        if swap != nil { try write("0", to: files.swap) }
        defer { if let swap { _ = try? write(swap, to: files.swap) } }  // what could be written can be written back
        let limit = try read(files.limit)
        defer { _ = try? write(limit, to: files.limit) }
        let usage = UInt64(try read(files.usage)) ?? 0
        // A process of the highest score counts as large as the limit and itself (mm/oom_kill.c), and a machine for all that it has mapped, which
        // may be other groups' memory, and for its own score's part of the limit.
        let largest = try largestMember() + usage * UInt64(Self.rivalScore) / 1000
        let excess = (max(largest, usage) - usage) / 2
        try write("\(min(usage + min(excess + Self.room, Self.mostRoom), UInt64(limit) ?? .max))", to: files.limit)
        try socket.writeAll([1])
        return try waitReadable([socket.raw], timeoutMilliseconds: Self.patience)[0]
    }

    private func isRivalled() throws(SystemError) -> Bool {
        try members().contains { (Int32($0("oom_score_adj") ?? "") ?? 0) > Self.rivalScore }
    }

    /// Bytes, as the kernel counts them when it looks for whom to end.
    private func largestMember() throws(SystemError) -> UInt64 {
        try members().map { file in
            let status = file("status") ?? ""
            let kilobytes = status.split(separator: "\n").filter { line in ["VmRSS:", "VmSwap:", "VmPTE:"].contains { line.hasPrefix($0) } }
                .compactMap { line in line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { UInt64($0) } }
            return kilobytes.reduce(0, +) * 1024
        }.max() ?? 0
    }

    /// Each reads files of its process in /proc; nil once it has ended.
    private func members() throws(SystemError) -> [(String) -> String?] {
        try read("cgroup.procs").split(separator: "\n").map { pid in
            { file in (try? FileSystem.read(FilePath("/proc/\(pid)/\(file)"), limit: 1 << 16)).map(Self.line) }
        }
    }

    private func read(_ file: String) throws(SystemError) -> String {
        Self.line(try FileSystem.read(group.appending(file), limit: 1 << 20))
    }

    private static func line(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }

    private func write(_ text: String, to file: String) throws(SystemError) { try Self.write(text, to: group.appending(file)) }

    private static func write(_ text: String, to file: FilePath) throws(SystemError) {
        try OwnedFD.open(file, O_WRONLY).writeAll(Array(text.utf8))
    }
}
