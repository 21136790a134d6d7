// SPDX-License-Identifier: Apache-2.0

package import Compat
internal import Glibc
internal import KataSystem
internal import SystemPackage

extension HostFacts {
    /// Facts of the machine we run on, from /proc.
    package static func live() -> HostFacts {
        var facts = HostFacts()
        facts.processes = facts.reading { () throws(SystemError) in
            try FileSystem.list("/proc").compactMap(Int32.init).sorted().compactMap(HostProcess.running)
        }
        facts.mounts = facts.reading { () throws(SystemError) in
            try textLines(of: "/proc/self/mounts").compactMap(HostMount.init(line:))
        }
        facts.sockets = facts.reading { () throws(SystemError) in
            try textLines(of: "/proc/net/unix").compactMap(SocketLine.init(line:)).compactMap(\.path)
        }
        facts.units = facts.processes.map { processes in
            let active = processes.flatMap { units(of: $0.pid) }
            // A service has its processes in a cgroup of its name; sockets and timers have none, so of them nothing is known.
            return UnitStates(
                known: Dictionary(active.map { ($0, .active) }, uniquingKeysWith: { first, _ in first }), otherServices: .inactive)
        }
        facts.links = facts.reading { () throws(SystemError) in try HostLink.live() }
        facts.cgroups = facts.processes?.filter { LegacyProcess($0).map { $0.role != .engine } ?? false }
            .flatMap { ProcessCgroup.live(of: $0.pid) }
        facts.hardware = .current
        return facts
    }

    private mutating func reading<Value>(_ body: () throws(SystemError) -> Value) -> Value? {
        do throws(SystemError) {
            return try body()
        } catch {
            diagnostics.append(.unreadable(FilePath(error.subject), error))
            return nil
        }
    }

    private static func textLines(of path: FilePath) throws(SystemError) -> [String] {
        String(decoding: try FileSystem.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The units in whose cgroup a process is; empty when it left meanwhile.
    private static func units(of pid: Int32) -> [String] {
        guard let lines = try? textLines(of: FilePath("/proc/\(pid)/cgroup")) else { return [] }  // it has ended
        return lines.flatMap { $0.split(separator: "/").map(String.init).filter { $0.hasSuffix(".service") } }
    }
}

extension LegacyMachine.Host {
    /// The machine that we run on.
    package static var current: LegacyMachine.Host {
        let memory = max(0, sysconf(Int32(_SC_PHYS_PAGES))) * max(0, sysconf(Int32(_SC_PAGESIZE)))
        return LegacyMachine.Host(processors: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), memoryMiB: memory >> 20)
    }
}

extension HostProcess {
    /// The process that has `pid` now; nil when it has ended, also if nobody has reaped it yet.
    static func running(pid: Int32) -> HostProcess? {
        let directory = FilePath("/proc/\(pid)")
        // A process may end between any two of these reads: whatever cannot be read then belongs to no running process.
        guard let stat = try? FileSystem.read(directory.appending("stat"), limit: 4096),
            let end = stat.lastIndex(of: UInt8(ascii: ")")),
            let arguments = try? FileSystem.read(directory.appending("cmdline"), limit: 4 << 20)
        else { return nil }
        let fields = stat[(end + 1)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        guard fields.count > 19, !["Z", "X", "x"].contains(fields[0]), let parent = Int32(fields[1]), let start = UInt64(fields[19])
        else { return nil }
        let words = arguments.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        var executable = (try? FileSystem.readLink(directory.appending("exe"))) ?? ""  // kernel threads have none, others' may be hidden
        if executable.hasSuffix(" (deleted)") { executable.removeLast(" (deleted)".count) }
        return HostProcess(
            pid: pid, parent: parent, startTime: start, executable: FilePath(executable),
            arguments: words.last == "" ? words.dropLast() : words)
    }
}
