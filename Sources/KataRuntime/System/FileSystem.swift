// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// What stat(2) says of a file.
public struct FileStatus: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable { case file, directory, symbolicLink, socket, fifo, characterDevice, blockDevice }

    public let kind: Kind
    /// Permission bits, 0…0o7777.
    public let mode: UInt32
    public let owner: UInt32
    public let group: UInt32
    /// Bytes.
    public let size: Int64
    public let device: UInt64
    public let inode: UInt64
    public let modificationSeconds: Int64
    public let modificationNanoseconds: Int64
    /// Major and minor number of a device file.
    public let deviceNumber: UInt64

    init(_ raw: stat) {
        kind =
            switch raw.st_mode & mode_t(S_IFMT) {
            case mode_t(S_IFDIR): .directory
            case mode_t(S_IFLNK): .symbolicLink
            case mode_t(S_IFSOCK): .socket
            case mode_t(S_IFIFO): .fifo
            case mode_t(S_IFCHR): .characterDevice
            case mode_t(S_IFBLK): .blockDevice
            default: .file
            }
        mode = UInt32(raw.st_mode & 0o7777)
        owner = raw.st_uid
        group = raw.st_gid
        size = Int64(raw.st_size)
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
        modificationSeconds = Int64(raw.st_mtim.tv_sec)
        modificationNanoseconds = Int64(raw.st_mtim.tv_nsec)
        deviceNumber = UInt64(raw.st_rdev)
    }
}

/// Calls on paths that we chose ourselves; paths below somebody else's root go through `PinnedDirectory`.
public enum FileSystem {
    /// The content of a file; EFBIG beyond `limit` bytes.
    public static func read(_ path: FilePath, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        let file = try OwnedFD.open(path, O_RDONLY)
        do throws(SystemError) {
            return try file.readAll(limit: limit)
        } catch {
            throw SystemError(call: error.call, subject: path.string, errno: error.errno)
        }
    }

    /// Of the file itself, not of a link's target; nil when there is none.
    public static func status(_ path: FilePath) throws(SystemError) -> FileStatus? {
        try status(path) { lstat($0, &$1) }
    }

    /// Of what a link leads to; nil when there is none.
    public static func targetStatus(_ path: FilePath) throws(SystemError) -> FileStatus? {
        try status(path) { stat($0, &$1) }
    }

    private static func status(
        _ path: FilePath, _ call: (UnsafePointer<CChar>, inout stat) -> CInt
    ) throws(SystemError) -> FileStatus? {
        var raw = stat()
        do throws(SystemError) {
            try syscall("stat", path.string) { path.withPlatformString { call($0, &raw) } }
            return FileStatus(raw)
        } catch  where error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory {
            return nil
        }
    }

    public static func exists(_ path: FilePath) -> Bool {
        path.withPlatformString { access($0, F_OK) } == 0
    }

    /// Makes the directory and the parents that are missing; an existing one is left as it is.
    public static func makeDirectory(_ path: FilePath, mode: UInt32 = 0o755) throws(SystemError) {
        if path.isEmpty || path.string == "/" || exists(path) { return }
        try makeDirectory(path.removingLastComponent(), mode: mode)
        do throws(SystemError) {
            try syscall("mkdir", path.string) { path.withPlatformString { mkdir($0, mode) } }
        } catch  where error.errno == .fileExists {
            return
        }
    }

    /// mkdir(2); false when something with that name is there already.
    public static func makeNewDirectory(_ path: FilePath, mode: UInt32 = 0o755) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try syscall("mkdir", path.string) { path.withPlatformString { mkdir($0, mode) } }
            return true
        } catch  where error.errno == .fileExists {
            return false
        }
    }

    /// The names in a directory, sorted by bytes, without "." and "..".
    public static func list(_ path: FilePath) throws(SystemError) -> [String] {
        try list(OwnedFD.open(path, O_RDONLY | O_DIRECTORY), path.string)
    }

    static func list(_ directory: consuming OwnedFD, _ subject: String) throws(SystemError) -> [String] {
        let number = directory.release()
        guard let stream = fdopendir(number) else {
            let code = cl_errno()
            close(number)
            throw SystemError(call: "fdopendir", subject: subject, errno: Errno(rawValue: code))
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// getcwd(3).
    public static func workingDirectory() throws(SystemError) -> FilePath { FilePath(try readLink("/proc/self/cwd")) }

    public static func readLink(_ path: FilePath) throws(SystemError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = try syscall("readlink", path.string) {
            path.withPlatformString { readlink($0, &buffer, Int(PATH_MAX)) }
        }
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// rename(2): replaces a file, or an empty directory by a directory.
    public static func rename(_ path: FilePath, to target: FilePath) throws(SystemError) {
        try syscall("rename", target.string) {
            path.withPlatformString { from in target.withPlatformString { cl_rename(from, $0) } }
        }
    }

    public static func remove(_ path: FilePath) throws(SystemError) {
        try syscall("unlink", path.string) { path.withPlatformString { unlink($0) } }
    }

    public static func removeDirectory(_ path: FilePath) throws(SystemError) {
        try syscall("rmdir", path.string) { path.withPlatformString { rmdir($0) } }
    }

    /// Removes a file or a whole directory; a missing one is no error.
    ///
    /// Links are removed, never followed. A directory on another file system is left and reported as EXDEV, so that
    /// a forgotten bind mount never costs somebody's files.
    public static func removeTree(_ path: FilePath) throws(SystemError) {
        guard let status = try status(path) else { return }
        try removeTree(path, status, on: status.device)
    }

    private static func removeTree(_ path: FilePath, _ status: FileStatus, on device: UInt64) throws(SystemError) {
        guard status.kind == .directory else { return try remove(path) }
        guard status.device == device else {
            throw SystemError(call: "remove", subject: path.string, errno: Errno(rawValue: EXDEV))
        }
        for name in try list(path) {
            let child = path.appending(name)
            if let childStatus = try self.status(child) { try removeTree(child, childStatus, on: device) }
        }
        try removeDirectory(path)
    }
}
