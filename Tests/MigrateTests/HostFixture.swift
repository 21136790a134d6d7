// SPDX-License-Identifier: Apache-2.0

import CLinux
import Compat
import Foundation
import Glibc
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// A host case of fixtures/hosts: files in tree/, and in tree.mtree what git does not keep.
struct HostFixture: CustomTestStringConvertible, Sendable {
    let directory: FilePath

    var testDescription: String { directory.lastComponent?.string ?? "" }

    init(_ name: String) {
        directory = Repository.fixtures.appending("hosts").appending(name)
    }

    static let clearContainersDocker = HostFixture("clear-containers-3.0-docker")
    /// A pod that runs and one that is stopped, on a node of a cluster.
    static let clearContainersCRIO = HostFixture("clear-containers-3.0-crio")
    /// Clear Containers, runV and hyperd on one host; of runV's sandbox the bundle is gone, and hyperd's database is empty.
    static let mixed = HostFixture("mixed-docker")
    /// Containers of docker, one by hand and one of before 1.10, beside Kata's own configuration, which is ours as well.
    static let kataDocker = HostFixture("kata-1.x-docker")
    static let kataCRIO = HostFixture("kata-1.x-crio")
    /// Two containers of docker in one VM, and containers by hand: one that runs, one whose VM is gone, one that cannot be found.
    static let runVDocker = HostFixture("runv-1.0-docker")
    static let clearContainers2Docker = HostFixture("clear-containers-2.x-docker")
    /// A kubelet that has left frakti for CRI-O, and pods that have not.
    static let hyperd = HostFixture("hyperd-frakti-kubelet")
    static let halfMigrated = HostFixture("half-migrated")
    /// Records of every system cut off, and a runtime that is registered and gone.
    static let broken = HostFixture("broken")
    /// By hand under 0.8.1: one that ended, one whose daemon died, and a pod of which one has ended and one runs on.
    static let runVByHand = HostFixture("runv-0.8-by-hand")
    /// A kubelet that asks frakti, with CRI-O beside it; of what runs one pod is in a VM and one container in docker.
    static let fraktiNode = HostFixture("frakti-node")
    /// The static archive below /opt/kata, with a shim for each hypervisor, which containerd goes on calling.
    static let kataStatic = HostFixture("kata-static-containerd")
    /// Clear Containers for what is not trusted, called by containerd 1.1 through its first shim.
    static let clearContainersContainerd = HostFixture("clear-containers-3.0-containerd")
    /// Two containers of one pod, signed as CRI-O did before 1.0.
    static let clearContainers2CRIO = HostFixture("clear-containers-2.x-crio")
    static let runVCRIO = HostFixture("runv-1.0-crio")
    /// One cc-proxy for all sandboxes, shims that name none, and what guests share below /tmp.
    static let clearContainersEarly = HostFixture("clear-containers-3.0.2-docker")
    /// docker on runV's own containerd; by hand one that runs, one that does not, and one whose bundle is older than 1.0 of the specification.
    static let runVEarly = HostFixture("runv-0.6-docker")
    /// A VM with a daemon of its own behind docker's usual way of calling a runtime, and a container that ended with a status.
    static let runVDockerEarly = HostFixture("runv-0.8-docker")
    /// Pods of hyperd's own in its first format, under a kubelet that asks frakti.
    static let hyperdEarly = HostFixture("hyperd-0.7-crio")
    static let kata2Containerd = HostFixture("kata-2.x-containerd")
    /// The runtime in Rust below /opt/kata, with a drop-in of somebody's; of what it ran one VM is gone.
    static let kata4Containerd = HostFixture("kata-4.x-containerd")
    /// Neither proxy nor shims: engines watch the hypervisor.
    static let clearContainersFirst = HostFixture("clear-containers-2.0-docker")
    /// A cc-proxy for each VM, whose QMP sockets have one name; one that waits for its start was made by hand.
    static let clearContainersMiddle = HostFixture("clear-containers-3.0.13-docker")
    /// hyperd and nothing else, which boots through a coreboot flash.
    static let hyperdByHand = HostFixture("hyperd-0.5-by-hand")
    static let all = [
        clearContainersDocker, clearContainersCRIO, mixed, kataDocker, kataCRIO, runVDocker, clearContainers2Docker, hyperd, halfMigrated,
        broken, runVByHand, fraktiNode, kataStatic, clearContainersContainerd, clearContainers2CRIO, runVCRIO,
        clearContainersEarly, runVEarly, runVDockerEarly, hyperdEarly, kata2Containerd, kata4Containerd, clearContainersFirst,
        clearContainersMiddle, hyperdByHand,
    ]

    var facts: HostFacts { .saved(in: directory) }

    /// Has the bundles of CRI-O's pods lie where another engine keeps its own.
    static func givePods(of root: FilePath, to storage: String) throws {
        let places = root.appending("run/vc/sbs")
        for sandbox in try FileSystem.list(places) {
            let record = places.appending(sandbox).appending("persist.json")
            let text = String(decoding: try FileSystem.read(record), as: UTF8.self)
            try AtomicFile.write(Array(text.replacing("/run/containers/storage", with: storage).utf8), to: record, mode: 0o640)
        }
    }

    func expected(_ name: String) throws -> String {
        String(decoding: try FileSystem.read(directory.appending("expected").appending(name)), as: UTF8.self)
    }

    /// A name for a tree, in memory where that can be had: a fixture is made thousands of times.
    static func freshPlace() -> FilePath {
        FilePath("\(FileSystem.exists("/dev/shm") ? "/dev/shm" : "/tmp")/kata-host.\(getpid()).\(UInt32.random(in: 0 ... .max))")
    }

    /// Runs `body` with the host's tree made anew in a temporary directory.
    func withTree<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
        let root = Self.freshPlace()
        defer { removeQuickly(root) }
        try materialise(at: root)
        return try body(root)
    }

    /// The same with the new runtime installed, or what a plan takes for it.
    func withInstalledTree<Result>(_ body: (FilePath) async throws -> Result) async throws -> Result {
        let root = Self.freshPlace()
        defer { removeQuickly(root) }
        try materialise(at: root)
        let layout = TargetLayout()
        let names = ["cc-runtime", "cc-oci-runtime", "runv"].map { layout.legacyNames.appending($0) }
        let files = [layout.runtime, layout.assets.hypervisor, layout.assets.kernel, layout.assets.initrd] + names
        for path in files {
            let place = root.pushing(path.removingRoot())
            try FileSystem.makeDirectory(place.removingLastComponent())
            try AtomicFile.write([], to: place, mode: 0o755)
        }
        return try await body(root)
    }

    /// Makes the tree: every entry of tree.mtree, with its kind, mode, owner (as root only) and time.
    func materialise(at root: FilePath) throws {
        try FileSystem.makeDirectory(root, mode: 0o700)
        let text = String(decoding: try FileSystem.read(directory.appending("tree.mtree")), as: UTF8.self)
        let entries = try text.split(separator: "\n").compactMap { try TreeEntry(line: $0) }
        for entry in entries { try entry.create(below: root, from: directory.appending("tree")) }
        // Deepest first: making an entry changes its directory's time, and a mode may forbid going in.
        for entry in entries.reversed() { try entry.finish(below: root) }
    }
}

/// A line of an mtree(5) specification, of the keywords that our fixtures use.
private struct TreeEntry {
    enum Kind: String { case dir, file, link, socket, fifo }
    struct Malformed: Error { let line: String }

    let path: String
    let kind: Kind
    let mode: mode_t
    var owner: uid_t = 0
    var group: gid_t = 0
    var time: time_t = 0
    var target = ""

    init?(line: Substring) throws {
        guard line.hasPrefix("./") else { return nil }
        let words = line.split(separator: " ")
        var values: [Substring: String] = [:]
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw Malformed(line: String(line)) }
            values[parts[0]] = Self.plain(parts[1])
        }
        guard let kind = values["type"].flatMap(Kind.init(rawValue:)), let mode = values["mode"].flatMap({ mode_t($0, radix: 8) }) else {
            throw Malformed(line: String(line))
        }
        path = Self.plain(words[0].dropFirst(2))
        self.kind = kind
        self.mode = mode
        owner = values["uid"].flatMap { uid_t($0) } ?? 0
        group = values["gid"].flatMap { gid_t($0) } ?? 0
        time = values["time"].flatMap { time_t($0.prefix { $0 != "." }) } ?? 0
        target = values["link"] ?? ""
    }

    private static func plain(_ text: Substring) -> String {
        let parts = text.split(separator: "\\", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(String(parts[0])) { done, part in
            let byte = UInt8(part.prefix(3), radix: 8) ?? UInt8(ascii: "?")
            return done + String(UnicodeScalar(byte)) + part.dropFirst(3)
        }
    }

    func create(below root: FilePath, from source: FilePath) throws {
        let place = root.string + "/" + path
        switch kind {
        case .dir: try syscall("mkdir", place) { mkdir(place, 0o700) }
        case .link: try syscall("symlink", place) { symlink(target, place) }
        case .socket: try syscall("mknod", place) { mknod(place, S_IFSOCK | 0o600, 0) }
        case .fifo: try syscall("mknod", place) { mknod(place, S_IFIFO | 0o600, 0) }
        case .file:
            let bytes = try FileSystem.read(FilePath(source.string + "/" + path))
            let file = try OwnedFD.open(FilePath(place), O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            try file.writeAll(bytes)
        }
    }

    func finish(below root: FilePath) throws {
        let place = root.string + "/" + path
        if geteuid() == 0 { try syscall("lchown", place) { lchown(place, owner, group) } }
        if kind != .link { try syscall("chmod", place) { chmod(place, mode) } }
        let stamps = [timespec(tv_sec: time, tv_nsec: 0), timespec(tv_sec: time, tv_nsec: 0)]
        try syscall("utimensat", place) { utimensat(AT_FDCWD, place, stamps, AT_SYMLINK_NOFOLLOW) }
    }
}

/// Everything about a tree that a reader must not change: names, kinds, bytes, modes, owners, times.
func fingerprint(of root: FilePath) throws -> [String] {
    var lines: [String] = []
    func walk(_ path: FilePath) throws {
        guard let status = try FileSystem.status(path) else { return }
        var line = "\(path) \(status.kind) \(String(status.mode, radix: 8)) \(status.owner):\(status.group) \(status.size)"
        line += " \(status.modificationSeconds).\(status.modificationNanoseconds) \(status.inode)"
        switch status.kind {
        case .file: line += " " + SHA256.hexadecimal(of: try FileSystem.read(path))
        case .symbolicLink: line += " " + (try FileSystem.readLink(path))
        default: break
        }
        lines.append(line)
        if status.kind == .directory { for name in try FileSystem.list(path) { try walk(path.appending(name)) } }
    }
    try walk(root)
    return lines
}

/// Everything that a rollback gives back: names, kinds, bytes, modes, owners, extended attributes, times of files, and targets of links.
///
/// - Parameter times: false to compare two runs, each of which writes its files when it does.
func contents(of root: FilePath, times: Bool = true) throws -> [String] {
    var lines: [String] = []
    let prefix = root.string
    func walk(_ path: String) throws {
        let place = prefix + path
        // Foundation's own code is fast in a debug build, and thousands of trees are compared.
        let facts = try FileManager.default.attributesOfItem(atPath: place)
        let kind = facts[.type] as? FileAttributeType
        var line = "\(path) \(kind?.rawValue ?? "") \(facts[.posixPermissions] ?? "")"
        line += " \(facts[.ownerAccountID] ?? ""):\(facts[.groupOwnerAccountID] ?? "")"
        for attribute in try ExtendedAttribute.all(of: FilePath(place)) { line += " \(attribute.name)=\(attribute.value)" }
        switch kind {
        case .typeRegular?:
            if times { line += " \(facts[.modificationDate] ?? "")" }
            line += " " + String(decoding: try Data(contentsOf: URL(filePath: place)), as: UTF8.self)
        case .typeSymbolicLink?: line += " " + (try FileManager.default.destinationOfSymbolicLink(atPath: place))
        default: break
        }
        lines.append(line)
        guard kind == .typeDirectory else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: place).sorted() where path + "/" + name != "/var/lib/kata-migrate" {
            try walk(path == "/" ? "/" + name : path + "/" + name)
        }
    }
    try walk("/")
    return lines
}

/// As `FileSystem.removeTree`, without its care.
func removeQuickly(_ place: FilePath) {
    _ = try? FileManager.default.removeItem(atPath: place.string)  // the test's own failure is the one to report
}

/// What two readings of `contents` do not have in common; empty when they are equal.
func difference(_ before: [String], _ now: [String]) -> String {
    guard before != now else { return "" }
    let (old, new) = (Set(before), Set(now))
    return
        (before.filter { !new.contains($0) }.map { "- \($0.prefix(400))" } + now.filter { !old.contains($0) }.map { "+ \($0.prefix(400))" })
        .joined(separator: "\n")
}
