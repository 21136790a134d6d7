// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SystemPackage

/// A process that cannot be mistaken for a later one with the same pid: pid, start time and boot.
public struct ProcessIdentity: Codable, Hashable, Sendable {
    public let pid: Int32
    /// Clock ticks after boot, field 22 of /proc/PID/stat (proc(5)).
    public let startTime: UInt64
    /// /proc/sys/kernel/random/boot_id.
    public let bootID: String

    public init(pid: Int32, startTime: UInt64, bootID: String) {
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
    }

    public static func current() throws(SystemError) -> ProcessIdentity {
        guard let identity = try of(pid: getpid()) else {
            throw SystemError(call: "read", subject: "/proc/self/stat", errno: .noSuchProcess)
        }
        return identity
    }

    /// The process that has `pid` now; nil when there is none or it is a zombie.
    public static func of(pid: Int32) throws(SystemError) -> ProcessIdentity? {
        guard let stat = try ProcessStat.read(pid: pid), !stat.isDead else { return nil }
        return ProcessIdentity(pid: pid, startTime: stat.startTime, bootID: try currentBootID())
    }

    /// Whether it still runs; a zombie (state Z or X) does not.
    public var isAlive: Bool {
        guard let now = try? Self.of(pid: pid) else { return false }  // an unreadable /proc/PID is a process that left
        return now == self
    }

    /// Sends a signal to this very process; ESRCH when it is gone.
    public func signal(_ number: CInt) throws(SystemError) {
        let gone = SystemError(call: "kill", subject: "\(pid)", errno: .noSuchProcess)
        do throws(SystemError) {
            // The descriptor is opened before the check, so the check is about the process that gets the signal.
            let descriptor = try openDescriptor()
            guard isAlive else { throw gone }
            try syscall("pidfd_send_signal", "\(pid)") { cl_pidfd_send_signal(descriptor.raw, number) }
        } catch  where error.errno == .noFunction {
            guard isAlive else { throw gone }
            try syscall("kill", "\(pid)") { kill(pid, number) }
        }
    }

    /// pidfd_open(2): readable when the process has ended; ENOSYS before Linux 5.3.
    public func openDescriptor() throws(SystemError) -> OwnedFD {
        OwnedFD(adopting: try syscall("pidfd_open", "\(pid)") { cl_pidfd_open(pid) })
    }

    public static func currentBootID() throws(SystemError) -> String {
        let bytes = try FileSystem.read("/proc/sys/kernel/random/boot_id", limit: 64)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}

/// The fields of /proc/PID/stat that are asked for.
struct ProcessStat: Equatable {
    var state: Character
    var startTime: UInt64

    /// Z and X (and x, of old kernels) have ended.
    var isDead: Bool { state == "Z" || state == "X" || state == "x" }

    static func read(pid: Int32) throws(SystemError) -> ProcessStat? {
        do throws(SystemError) {
            return parse(try FileSystem.read(FilePath("/proc/\(pid)/stat"), limit: 4096))
        } catch  where error.errno == .noSuchFileOrDirectory || error.errno == .noSuchProcess {
            return nil
        }
    }

    /// The command name may hold spaces and parentheses: fields are counted after the last ')'.
    static func parse(_ bytes: [UInt8]) -> ProcessStat? {
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let state = fields[0].first,
            let startTime = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        return ProcessStat(state: Character(Unicode.Scalar(state)), startTime: startTime)
    }
}
