// SPDX-License-Identifier: Apache-2.0

public import KataSystem

/// A cpio archive in the "newc" format that the kernel unpacks as its first root file system.
///
/// The same entries always give the same bytes: paths are sorted, inode numbers count from 1 in that order, owner, group
/// and times are 0. Format: Documentation/driver-api/early-userspace/buffer-format.rst of the kernel.
public struct NewcArchive: Sendable {
    /// What stands at one path.
    public enum Node: Sendable, Hashable {
        case directory(mode: UInt32)
        case file([UInt8], mode: UInt32)
        case symbolicLink(target: String)
        case characterDevice(major: UInt32, minor: UInt32, mode: UInt32)
    }

    private var nodes: [String: Node] = [:]

    public init() {}

    /// Paths in archive order, without a leading "/".
    public var paths: [String] {
        nodes.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    public subscript(path: String) -> Node? { nodes[path] }

    /// Adds one node; parents that are missing become directories of mode 0755, because the kernel makes none itself.
    public mutating func add(_ path: String, _ node: Node) throws(NewcError) {
        let components = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !components.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }),
            !path.utf8.contains(0), path != Self.trailer
        else {
            throw .invalidPath(path)
        }
        guard nodes[path] == nil else { throw .duplicatePath(path) }
        if case .file(let bytes, _) = node, UInt32(exactly: bytes.count) == nil {
            throw .tooLarge(path, bytes: bytes.count)
        }
        for depth in components.indices.dropFirst() {
            let parent = components[..<depth].joined(separator: "/")
            switch nodes[parent] {
            case nil: nodes[parent] = .directory(mode: 0o755)
            case .directory: continue
            default: throw .parentIsNoDirectory(path, parent: parent)
            }
        }
        nodes[path] = node
    }

    /// The archive, padded to a multiple of 512 bytes.
    public func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(nodes.values.reduce(512) { $0 + 256 + $1.content.count })
        for (index, path) in paths.enumerated() {
            guard let node = nodes[path] else { preconditionFailure("a listed path is in the archive") }
            Self.append(node, at: path, inode: UInt32(index + 1), to: &bytes)
        }
        Self.appendHeader(.init(inode: 0, mode: 0, links: 1), name: Self.trailer, to: &bytes)
        Self.pad(&bytes, to: 512)
        return bytes
    }

    private static let trailer = "TRAILER!!!"

    private struct Header {
        var inode: UInt32
        var mode: UInt32
        var links: UInt32
        var size: UInt32 = 0
        var deviceMajor: UInt32 = 0
        var deviceMinor: UInt32 = 0
    }

    private static func append(_ node: Node, at path: String, inode: UInt32, to bytes: inout [UInt8]) {
        let content = node.content
        var header = Header(
            inode: inode, mode: node.statMode, links: node.isDirectory ? 2 : 1,
            size: UInt32(content.count))
        if case .characterDevice(let major, let minor, _) = node {
            header.deviceMajor = major
            header.deviceMinor = minor
        }
        appendHeader(header, name: path, to: &bytes)
        bytes += content
        pad(&bytes, to: 4)
    }

    private static func appendHeader(_ header: Header, name: String, to bytes: inout [UInt8]) {
        let nameSize = UInt32(name.utf8.count + 1)
        bytes += "070701".utf8
        let (owner, group, time, checksum): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        let (containingMajor, containingMinor): (UInt32, UInt32) = (0, 0)
        let fields: [UInt32] = [
            header.inode, header.mode, owner, group, header.links, time, header.size, containingMajor, containingMinor,
            header.deviceMajor, header.deviceMinor, nameSize, checksum,
        ]
        for field in fields { appendHex(field, to: &bytes) }
        bytes += name.utf8
        bytes.append(0)
        pad(&bytes, to: 4)
    }

    private static func appendHex(_ value: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 28, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: value >> UInt32(shift)) & 0xf
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
        }
    }

    private static func pad(_ bytes: inout [UInt8], to multiple: Int) {
        let excess = bytes.count % multiple
        if excess != 0 { bytes += [UInt8](repeating: 0, count: multiple - excess) }
    }
}

extension NewcArchive.Node {
    fileprivate var isDirectory: Bool {
        if case .directory = self { return true }
        return false
    }

    /// `st_mode` as in stat(2): type and permissions.
    fileprivate var statMode: UInt32 {
        switch self {
        case .directory(let mode): 0o040000 | mode
        case .file(_, let mode): 0o100000 | mode
        case .symbolicLink: 0o120777
        case .characterDevice(_, _, let mode): 0o020000 | mode
        }
    }

    fileprivate var content: [UInt8] {
        switch self {
        case .file(let bytes, _): bytes
        case .symbolicLink(let target): Array(target.utf8)
        case .directory, .characterDevice: []
        }
    }
}

/// What cannot stand in an archive.
public enum NewcError: FaultyError, Equatable {
    /// Absolute, empty, with an empty, "." or ".." component, with a NUL, or the trailer's name.
    case invalidPath(String)
    case duplicatePath(String)
    case parentIsNoDirectory(String, parent: String)
    /// The format has 32 bits for a size.
    case tooLarge(String, bytes: Int)

    public var fault: Fault { .bug }

    public var description: String {
        switch self {
        case .invalidPath(let path): "add '\(path)' to the archive: not a plain relative path"
        case .duplicatePath(let path): "add '\(path)' to the archive: it is there already"
        case .parentIsNoDirectory(let path, let parent):
            "add '\(path)' to the archive: '\(parent)' is no directory"
        case .tooLarge(let path, let bytes):
            "add '\(path)' to the archive: \(bytes) bytes are more than the format can say"
        }
    }
}
