// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// A directory whose inside cannot lead outside: links and ".." are resolved as if it were "/".
///
/// openat2(2) with RESOLVE_IN_ROOT where the kernel has it (5.6), else a walk that opens each component with O_NOFOLLOW
/// and resolves links itself. The walk gives the same answers, but is not atomic against a concurrent rename.
public struct PinnedDirectory: ~Copyable, Sendable {
    private let root: OwnedFD
    public let path: FilePath
    let walks: Bool

    public init(_ path: FilePath) throws(SystemError) {
        try self.init(path, walks: false)
    }

    init(_ path: FilePath, walks: Bool) throws(SystemError) {
        root = try OwnedFD.open(path, CL_O_PATH | O_DIRECTORY)
        self.path = path
        self.walks = walks
    }

    /// Opens a path below the root; a leading "/" means the root.
    public func open(_ relative: FilePath, _ flags: CInt, mode: UInt32 = 0) throws(SystemError) -> OwnedFD {
        try open(relative.string, flags, mode: mode)
    }

    /// The same for a path that is at hand as text.
    public func open(_ relative: String, _ flags: CInt, mode: UInt32 = 0) throws(SystemError) -> OwnedFD {
        let inside = relative.drop { $0 == "/" }
        let name = inside.isEmpty ? "." : String(inside)
        if !walks {
            do throws(SystemError) {
                return OwnedFD(
                    adopting: try syscall("openat2", subject(relative)) {
                        cl_open_in_root(root.raw, name, UInt64(flags | O_CLOEXEC), UInt64(mode))
                    })
            } catch  where error.errno == .noFunction || error.errno == .notPermitted {
                // ENOSYS before 5.6, EPERM under old seccomp profiles: walk instead.
            }
        }
        var walk = PathWalk(root: try root.duplicate(), subject: subject(relative))
        return try walk.open(name, flags, mode)
    }

    public func read(_ relative: FilePath, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        // O_NONBLOCK: a fifo in somebody's tree must not stop us; regular files ignore it.
        let file = try open(relative, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        return try file.readAll(limit: limit)
    }

    public func list(_ relative: FilePath) throws(SystemError) -> [String] {
        try FileSystem.list(open(relative, O_RDONLY | O_DIRECTORY), subject(relative))
    }

    /// Of the file itself, not of a link's target; nil when there is none.
    public func status(_ relative: FilePath) throws(SystemError) -> FileStatus? {
        do throws(SystemError) {
            let file = try open(relative, CL_O_PATH | O_NOFOLLOW)
            var raw = stat()
            try syscall("fstat", subject(relative)) { fstat(file.raw, &raw) }
            return FileStatus(raw)
        } catch  where error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory {
            return nil
        }
    }

    public func readLink(_ relative: FilePath) throws(SystemError) -> String {
        try linkTarget(open(relative, CL_O_PATH | O_NOFOLLOW), subject(relative))
    }

    private func subject(_ relative: FilePath) -> String { subject(relative.string) }

    private func subject(_ relative: String) -> String {
        path.string == "/" ? relative : "\(path.string)/\(relative.drop { $0 == "/" })"
    }
}

/// The text of the link that an O_PATH descriptor stands for.
private func linkTarget(_ link: borrowing OwnedFD, _ subject: String) throws(SystemError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let number = link.raw
    let length = try syscall("readlinkat", subject) { readlinkat(number, "", &buffer, Int(PATH_MAX)) }
    return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Resolution of a path one component at a time, as path_resolution(7) does it, inside a root.
private struct PathWalk: ~Copyable {
    let root: OwnedFD
    let subject: String
    /// As the kernel's MAXSYMLINKS.
    private var linksLeft = 40

    init(root: consuming OwnedFD, subject: String) {
        self.root = root
        self.subject = subject
    }

    mutating func open(_ path: String, _ flags: CInt, _ mode: UInt32) throws(SystemError) -> OwnedFD {
        var pending = Array(path.split(separator: "/").map(String.init).reversed())
        var resolved: [String] = []
        while let component = pending.popLast() {
            if component == "." { continue }
            if component == ".." {
                _ = resolved.popLast()
                continue
            }
            let isLast = pending.isEmpty
            let parent = try descend(resolved)
            if let target = try link(component, in: parent), !(isLast && flags & O_NOFOLLOW != 0) {
                linksLeft -= 1
                guard linksLeft > 0 else { throw failure(ELOOP) }
                if target.hasPrefix("/") { resolved = [] }
                pending += target.split(separator: "/").map(String.init).reversed()
                continue
            }
            if isLast {
                let number = parent.raw
                return OwnedFD(
                    adopting: try syscall("openat", subject) {
                        cl_openat(number, component, flags | O_CLOEXEC | O_NOFOLLOW, mode)
                    })
            }
            resolved.append(component)
        }
        let last = try descend(resolved)
        let number = last.raw
        return OwnedFD(adopting: try syscall("openat", subject) { cl_openat(number, ".", flags | O_CLOEXEC, mode) })
    }

    private func descend(_ components: [String]) throws(SystemError) -> OwnedFD {
        var directory = try root.duplicate()
        for component in components {
            let number = directory.raw
            directory = OwnedFD(
                adopting: try syscall("openat", subject) {
                    cl_openat(number, component, CL_O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
                })
        }
        return directory
    }

    /// The target if `name` is a symbolic link, nil if it is anything else or missing.
    private func link(_ name: String, in directory: borrowing OwnedFD) throws(SystemError) -> String? {
        let number = directory.raw
        var raw = stat()
        guard fstatat(number, name, &raw, AT_SYMLINK_NOFOLLOW) == 0, raw.st_mode & mode_t(S_IFMT) == mode_t(S_IFLNK) else { return nil }
        let file = OwnedFD(
            adopting: try syscall("openat", subject) {
                cl_openat(number, name, CL_O_PATH | O_NOFOLLOW | O_CLOEXEC, 0)
            })
        return try linkTarget(file, subject)
    }

    private func failure(_ code: CInt) -> SystemError {
        SystemError(call: "openat", subject: subject, errno: Errno(rawValue: code))
    }
}
