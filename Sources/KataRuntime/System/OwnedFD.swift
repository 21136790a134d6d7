// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// A descriptor with exactly one owner, closed when its life ends.
public struct OwnedFD: ~Copyable, Sendable {
    /// The number, for calls that borrow it; whoever keeps it beyond the owner's life has a bug.
    public let raw: CInt

    /// Takes over `raw`, which must be open and owned by nobody else.
    public init(adopting raw: CInt) { self.raw = raw }

    deinit { close(raw) }

    /// open(2); O_CLOEXEC is always added.
    public static func open(_ path: FilePath, _ flags: CInt, mode: UInt32 = 0) throws(SystemError) -> OwnedFD {
        OwnedFD(
            adopting: try syscall("open", path.string) { path.withPlatformString { cl_open($0, flags | O_CLOEXEC, mode) } })
    }

    /// Gives the number away without closing it.
    public consuming func release() -> CInt {
        let number = raw
        discard self
        return number
    }

    /// A second descriptor of the same open file, close-on-exec.
    public func duplicate() throws(SystemError) -> OwnedFD {
        OwnedFD(adopting: try syscall("fcntl F_DUPFD_CLOEXEC", "\(raw)") { cl_fcntl(raw, F_DUPFD_CLOEXEC, 3) })
    }

    public func withRaw<Result, Failure: Error>(_ body: (CInt) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(raw)
    }

    /// read(2) of at most `count` bytes; empty at end of file.
    public func read(upTo count: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            do throws(SystemError) {
                length = try syscall("read", "\(raw)") { CLinux.read(raw, buffer.baseAddress, count) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Everything up to end of file; EFBIG beyond `limit` bytes.
    public func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = try read(upTo: min(1 << 16, limit - all.count + 1))
            if part.isEmpty { return all }
            all += part
            if all.count > limit { throw SystemError(call: "read", subject: "\(raw)", errno: Errno(rawValue: EFBIG)) }
        }
    }

    /// write(2), once.
    ///
    /// - Returns: how many bytes went out.
    public func write(_ bytes: [UInt8]) throws(SystemError) -> Int {
        try syscall("write", "\(raw)") { bytes.withUnsafeBytes { CLinux.write(raw, $0.baseAddress, bytes.count) } }
    }

    /// write(2) until all bytes are out.
    public func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try syscall("write", "\(raw)") {
                bytes.withUnsafeBytes { CLinux.write(raw, $0.baseAddress?.advanced(by: done), bytes.count - done) }
            }
        }
    }

    public func synchronize() throws(SystemError) {
        try syscall("fsync", "\(raw)") { fsync(raw) }
    }

    /// pipe2(2): `first` is the read end.
    public static func pipe() throws(SystemError) -> FDPair {
        var ends: [CInt] = [-1, -1]
        try syscall("pipe2", "") { cl_pipe(&ends) }
        return FDPair(first: OwnedFD(adopting: ends[0]), second: OwnedFD(adopting: ends[1]))
    }

    /// socketpair(2): two connected unix stream sockets.
    public static func socketPair() throws(SystemError) -> FDPair {
        var ends: [CInt] = [-1, -1]
        try syscall("socketpair", "") { socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC, 0, &ends) }
        return FDPair(first: OwnedFD(adopting: ends[0]), second: OwnedFD(adopting: ends[1]))
    }
}

/// Two descriptors made together.
@frozen public struct FDPair: ~Copyable, Sendable {
    public var first: OwnedFD
    public var second: OwnedFD

    public consuming func split<Result, Failure: Error>(
        _ body: (consuming OwnedFD, consuming OwnedFD) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(first, second)
    }
}

/// A descriptor with several owners, closed with the last of them.
public final class SharedFD: Sendable {
    private let descriptor: OwnedFD

    public init(_ descriptor: consuming OwnedFD) { self.descriptor = descriptor }

    public var raw: CInt { descriptor.raw }

    public func withRaw<Result, Failure: Error>(_ body: (CInt) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(descriptor.raw)
    }

    public func duplicate() throws(SystemError) -> OwnedFD { try descriptor.duplicate() }
    public func read(upTo count: Int) throws(SystemError) -> [UInt8] { try descriptor.read(upTo: count) }
    public func write(_ bytes: [UInt8]) throws(SystemError) -> Int { try descriptor.write(bytes) }
    public func writeAll(_ bytes: [UInt8]) throws(SystemError) { try descriptor.writeAll(bytes) }
}
