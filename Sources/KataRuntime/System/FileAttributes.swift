// SPDX-License-Identifier: Apache-2.0
internal import CLinux
public import SystemPackage

/// Everything about a file but its name, kind and content.
public struct FileAttributes: Sendable, Hashable {
    /// Permission bits, 0…0o7777; a link's mean nothing.
    public var mode: UInt32
    public var owner: UInt32
    public var group: UInt32
    /// Nil: as the clock says.
    public var modified: Timestamp?
    /// xattr(7), sorted by name.
    public var extended: [ExtendedAttribute]

    public init(mode: UInt32, owner: UInt32 = 0, group: UInt32 = 0, modified: Timestamp? = nil, extended: [ExtendedAttribute] = []) {
        self.mode = mode
        self.owner = owner
        self.group = group
        self.modified = modified
        self.extended = extended
    }

    public init(_ status: FileStatus, extended: [ExtendedAttribute]) {
        self.init(
            mode: status.mode, owner: status.owner, group: status.group,
            modified: Timestamp(seconds: status.modificationSeconds, nanoseconds: status.modificationNanoseconds), extended: extended)
    }

    /// All that somebody may have changed on purpose: everything but the time.
    public func agrees(with other: FileAttributes) -> Bool {
        mode == other.mode && owner == other.owner && group == other.group && extended == other.extended
    }

    /// Gives them to what stands at `path`, a link itself. Who is not root keeps the owner.
    public func apply(to path: FilePath, isLink: Bool) throws(SystemError) {
        // The owner first: changing it takes set-user-id bits away. The time last: everything else changes it.
        if geteuid() == 0 { try syscall("lchown", path.string) { path.withPlatformString { lchown($0, owner, group) } } }
        if !isLink { try syscall("chmod", path.string) { path.withPlatformString { chmod($0, mode) } } }
        try ExtendedAttribute.set(extended, of: path)
        guard let modified else { return }
        try syscall("utimensat", path.string) {
            path.withPlatformString { cl_set_modified($0, modified.seconds, modified.nanoseconds) }
        }
    }
}

/// xattr(7).
public struct ExtendedAttribute: Sendable, Hashable {
    public let name: String
    public let value: [UInt8]

    public init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }

    /// Bytes: the kernel's limit for a value and for all names, XATTR_SIZE_MAX and XATTR_LIST_MAX.
    private static let limit = 65536

    /// Of the file itself, sorted by name; none on a file system without them.
    public static func all(of path: FilePath) throws(SystemError) -> [ExtendedAttribute] {
        var found: [ExtendedAttribute] = []
        for name in try names(of: path) {
            let value = try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count throws(SystemError) in
                count = try syscall("lgetxattr", path.string) {
                    path.withPlatformString { Int(cl_get_attribute($0, name, buffer.baseAddress, limit)) }
                }
            }
            found.append(ExtendedAttribute(name: name, value: value))
        }
        return found
    }

    fileprivate static func set(_ attributes: [ExtendedAttribute], of path: FilePath) throws(SystemError) {
        for name in try names(of: path) where !attributes.contains(where: { $0.name == name }) {
            try syscall("lremovexattr", path.string) { path.withPlatformString { cl_remove_attribute($0, name) } }
        }
        for attribute in attributes {
            try syscall("lsetxattr", path.string) {
                path.withPlatformString { cl_set_attribute($0, attribute.name, attribute.value, attribute.value.count) }
            }
        }
    }

    private static func names(of path: FilePath) throws(SystemError) -> [String] {
        do throws(SystemError) {
            let list = try [CChar](unsafeUninitializedCapacity: limit) { buffer, count throws(SystemError) in
                count = try syscall("llistxattr", path.string) {
                    path.withPlatformString { Int(cl_list_attributes($0, buffer.baseAddress, limit)) }
                }
            }
            return list.split(separator: 0).map { String(decoding: $0.map { UInt8(bitPattern: $0) }, as: UTF8.self) }.sorted()
        } catch  where error.errno == .notSupported {
            return []
        }
    }
}

extension OwnedFD {
    /// The next stretch of a file's data from `offset` on; nil when only a hole is left (lseek(2), SEEK_DATA).
    public func nextData(from offset: Int64) throws(SystemError) -> Range<Int64>? {
        var (start, end): (Int64, Int64) = (0, 0)
        let found = try syscall("lseek", "\(raw)") { cl_next_data(raw, offset, &start, &end) }
        return found == 0 ? nil : start..<end
    }

    public func seek(to offset: Int64) throws(SystemError) {
        _ = try syscall("lseek", "\(raw)") { lseek(raw, off_t(offset), SEEK_SET) }
    }

    public func truncate(to size: Int64) throws(SystemError) {
        try syscall("ftruncate", "\(raw)") { ftruncate(raw, off_t(size)) }
    }

    /// Brings the whole file system to disk (syncfs(2)).
    public func synchronizeFileSystem() throws(SystemError) {
        try syscall("syncfs", "\(raw)") { cl_sync_file_system(raw) }
    }
}

extension FileSystem {
    /// symlink(2).
    public static func makeLink(_ path: FilePath, to target: String) throws(SystemError) {
        try syscall("symlink", path.string) { path.withPlatformString { symlink(target, $0) } }
    }

    /// mknod(2) with mode 0600; `deviceNumber` is for devices.
    public static func makeNode(_ path: FilePath, _ kind: FileStatus.Kind, deviceNumber: UInt64) throws(SystemError) {
        let type: mode_t =
            switch kind {
            case .socket: mode_t(S_IFSOCK)
            case .fifo: mode_t(S_IFIFO)
            case .characterDevice: mode_t(S_IFCHR)
            case .blockDevice: mode_t(S_IFBLK)
            case .file: mode_t(S_IFREG)
            case .directory, .symbolicLink: throw SystemError(call: "mknod", subject: path.string, errno: .invalidArgument)
            }
        try syscall("mknod", path.string) { path.withPlatformString { mknod($0, type | 0o600, dev_t(deviceNumber)) } }
    }
}
