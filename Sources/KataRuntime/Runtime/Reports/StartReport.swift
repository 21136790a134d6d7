// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import KataWire
internal import SystemPackage

/// How a container came up: the time of each stage, and the memory of the sandbox's processes right after.
struct StartReport: Sendable {
    let timings: WireTimingsResponse
    let total: Duration
    let memory: [(process: String, use: MemoryUse)]
    let hostRelease: String

    init(_ created: ContainerLaunch.Created, _ started: MonotonicInstant) throws {
        timings = try waitFor { try await created.client.tasks.timings(.init()) }
        total = MonotonicInstant.now().since(started)
        hostRelease = try HostKernel.release()
        memory = [("shim", timings.shimPid), ("stub", created.stub.pid), ("qemu", timings.qemuPid)].compactMap { name, pid in
            // A process that has ended meanwhile uses no memory.
            (try? MemoryUse(of: pid)).map { (name, $0) }
        }
    }

    var text: String {
        var lines = ["kernel       guest \(timings.guestKernelRelease)   host \(hostRelease)"]
        lines += timings.stages.map { "\(Self.padded($0.name)) \(Self.milliseconds($0.nanosecondsSinceStart))" }
        lines.append("\(Self.padded("total")) \(Self.milliseconds(UInt64(total / .nanoseconds(1))))")
        lines += memory.map {
            "\(Self.padded($0.process + " memory")) RSS \(Self.mebibytes($0.use.residentKiB))  PSS \(Self.mebibytes($0.use.proportionalKiB))"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    func write() { KataRuntime.write(text, to: STDERR_FILENO) }

    private static func padded(_ name: String) -> String { name + String(repeating: " ", count: max(0, 18 - name.count)) }

    private static func milliseconds(_ nanoseconds: UInt64) -> String {
        let text = "\((nanoseconds + 500_000) / 1_000_000) ms"
        return String(repeating: " ", count: max(0, 9 - text.count)) + text
    }

    private static func mebibytes(_ kibibytes: Int) -> String {
        let tenths = (kibibytes * 10 + 512) / 1024
        let text = "\(tenths / 10).\(tenths % 10) MiB"
        return String(repeating: " ", count: max(0, 10 - text.count)) + text
    }
}

/// Memory of a process, from /proc/PID/smaps_rollup (proc(5)).
struct MemoryUse: Sendable, Hashable {
    let residentKiB: Int
    let proportionalKiB: Int

    init(of pid: Int32) throws {
        try self.init(rollup: String(decoding: FileSystem.read(FilePath("/proc/\(pid)/smaps_rollup"), limit: 1 << 16), as: UTF8.self))
    }

    init(rollup: String) throws(SystemError) {
        func field(_ name: String) -> Int? {
            let line = rollup.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        }
        guard let resident = field("Rss"), let proportional = field("Pss") else {
            throw SystemError(call: "read", subject: "smaps_rollup", errno: .invalidArgument)
        }
        residentKiB = resident
        proportionalKiB = proportional
    }
}

/// The kernel that we run on.
enum HostKernel {
    /// As Go calls it, and with it Kata.
    static var architecture: String {
        #if arch(x86_64)
            "amd64"
        #else
            "arm64"
        #endif
    }

    static func release() throws(SystemError) -> String {
        let bytes = try FileSystem.read("/proc/sys/kernel/osrelease", limit: 256)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
