// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// Terminals of the host (pty(7), ioctl_tty(2), termios(3)).
public enum Terminal {
    /// A new pair. The slave is raw: what is written on one side is read on the other as it is.
    public static func open() throws(SystemError) -> (master: SharedFD, slave: SharedFD, path: FilePath) {
        var slave: CInt = -1
        var name = [CChar](repeating: 0, count: 64)
        let master = try syscall("open", "/dev/ptmx") { cl_open_terminal(&slave, &name, name.count) }
        let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (SharedFD(OwnedFD(adopting: master)), SharedFD(OwnedFD(adopting: slave)), FilePath(path))
    }

    public static func isTerminal(_ descriptor: SharedFD) -> Bool { isatty(descriptor.raw) == 1 }

    /// In characters; nil for what is no terminal, and for one whose size nobody has set.
    public static func size(_ descriptor: SharedFD) -> (rows: UInt32, columns: UInt32)? {
        var rows: UInt32 = 0
        var columns: UInt32 = 0
        guard cl_window_size(descriptor.raw, &rows, &columns) == 0, rows > 0 || columns > 0 else { return nil }
        return (rows, columns)
    }

    /// Makes it the controlling terminal of the session that this process leads.
    public static func control(_ number: CInt) throws(SystemError) {
        try syscall("ioctl TIOCSCTTY", "\(number)") { cl_control_terminal(number) }
    }
}

/// A terminal in raw mode until `restore`.
public struct RawTerminal: Sendable {
    private let descriptor: SharedFD
    private let before: TerminalMode

    public init(_ descriptor: SharedFD) throws(SystemError) {
        var mode = termios()
        try syscall("tcgetattr", "\(descriptor.raw)") { tcgetattr(descriptor.raw, &mode) }
        before = TerminalMode(mode: mode)
        self.descriptor = descriptor
        cfmakeraw(&mode)
        try syscall("tcsetattr", "\(descriptor.raw)") { tcsetattr(descriptor.raw, TCSADRAIN, &mode) }
    }

    public func restore() {
        var mode = before.mode
        _ = tcsetattr(descriptor.raw, TCSADRAIN, &mode)
    }
}

private struct TerminalMode: Sendable {
    let mode: termios
}
