// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import KataSystem
package import SystemPackage

/// The machine itself, or a copied tree of one.
package struct LiveHost: Host {
    private let root: SharedRoot
    private let path: FilePath

    /// `PinnedDirectory` cannot be copied, and a host is handed around.
    private final class SharedRoot: Sendable {
        let directory: PinnedDirectory

        init(_ path: FilePath) throws(SystemError) { directory = try PinnedDirectory(path) }
    }

    /// - Parameter root: "/" for the machine itself.
    package init(root: FilePath) throws(SystemError) {
        self.root = try SharedRoot(root)
        path = root
    }

    package var isCopy: Bool { path.string != "/" }

    package func node(at path: FilePath) throws(SystemError) -> HostNode? {
        guard let status = try root.directory.status(path) else { return nil }
        let extended = try withPlace(path) { place throws(SystemError) in try ExtendedAttribute.all(of: place) }
        return HostNode(
            kind: status.kind, attributes: FileAttributes(status, extended: extended),
            target: status.kind == .symbolicLink ? try root.directory.readLink(path) : nil, deviceNumber: status.deviceNumber,
            size: status.size)
    }

    package func bytes(of path: FilePath) throws(SystemError) -> [UInt8] { try root.directory.read(path) }

    package func names(in directory: FilePath) throws(SystemError) -> [String] { try root.directory.list(directory) }

    package func areEqual(_ path: FilePath, _ other: FilePath) throws(SystemError) -> Bool {
        let first = try root.directory.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let second = try root.directory.open(other, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        var offset: Int64 = 0
        // Where neither has data both have zeros: a file of 4 GiB may be one hole.
        while let data = Self.first(try first.nextData(from: offset), try second.nextData(from: offset)) {
            try first.seek(to: data.lowerBound)
            try second.seek(to: data.lowerBound)
            offset = data.upperBound
            var left = data.count
            while left > 0 {
                let (a, b) = (try first.read(upTo: min(left, 1 << 20)), try second.read(upTo: min(left, 1 << 20)))
                guard a == b else { return false }
                if a.isEmpty { break }
                left -= a.count
            }
        }
        return true
    }

    private static func first(_ one: Range<Int64>?, _ other: Range<Int64>?) -> Range<Int64>? {
        guard let one, let other else { return one ?? other }
        return one.lowerBound <= other.lowerBound ? one : other
    }

    package func mounts(below path: FilePath) throws(SystemError) -> [FilePath] {
        guard !isCopy else { return [] }
        let text = String(decoding: try FileSystem.read("/proc/self/mounts"), as: UTF8.self)
        return text.split(separator: "\n").compactMap { HostMount(line: String($0))?.point }.filter { $0.starts(with: path) }
    }

    /// Calls `body` with a path that leads to `path` whatever happens to the names above it meanwhile: the parent is open.
    func withPlace<Value: ~Copyable>(_ path: FilePath, _ body: (FilePath) throws(SystemError) -> Value) throws(SystemError) -> Value {
        let text = path.string
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")), text.utf8.index(after: slash) < text.endIndex else {
            throw SystemError(call: "change", subject: text, errno: .invalidArgument)
        }
        let parent = try root.directory.open(String(text[...slash]), O_RDONLY | O_DIRECTORY)
        do throws(SystemError) {
            return try body(FilePath("/proc/self/fd/\(parent.raw)/\(text[text.utf8.index(after: slash)...])"))
        } catch {
            // The reader wants the host's path, not the number of a descriptor.
            throw SystemError(call: error.call, subject: path.string, errno: error.errno)
        }
    }

    package func ask(_ command: [String]) throws(SystemError) -> CommandResult {
        let program = try program(of: command)
        let output = try OwnedFD.pipe()
        let errors = try OwnedFD.pipe()
        let process = try Self.spawn(program, command, output: SharedFD(output.second), errors: SharedFD(errors.second))
        let said = try Self.readAll(output.first, errors.first)
        return CommandResult(status: try process.wait().shellStatus, output: said.0, errors: said.1)
    }

    /// What it starts may keep the outputs for as long as it likes: the end of the program is waited for, and not theirs.
    ///
    /// - Parameter file: what the program says is appended to it.
    /// - Returns: what it said until its end, as its output.
    func start(_ command: [String], output file: FilePath) throws(SystemError) -> CommandResult {
        let program = try program(of: command)
        let output = try withPlace(file) { place throws(SystemError) in
            SharedFD(try OwnedFD.open(place, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600))
        }
        let before = try node(at: file)?.size ?? 0
        let status = try Self.spawn(program, command, output: output, errors: output).wait().shellStatus
        let said = try root.directory.open(file, O_RDONLY | O_NOFOLLOW)
        try said.seek(to: before)
        return CommandResult(status: status, output: try said.read(upTo: 1 << 16))
    }

    private func program(of command: [String]) throws(SystemError) -> FilePath {
        guard let name = command.first, !isCopy else { throw SystemError(call: "run", subject: command.first ?? "", errno: .notSupported) }
        guard let program = Self.find(name) else { throw SystemError(call: "run", subject: name, errno: .noSuchFileOrDirectory) }
        return program
    }

    private static func spawn(
        _ program: FilePath, _ command: [String], output: SharedFD, errors: SharedFD
    ) throws(SystemError) -> ChildProcess {
        // A session of its own: the terminal's interrupt is for us, who end between two acts.
        try Subprocess(
            program: program, arguments: command, descriptors: [STDOUT_FILENO: output, STDERR_FILENO: errors], newSession: true
        ).spawn()
    }

    /// Of both what is there, as it comes: a program that fills one pipe while nobody reads it would never end.
    private static func readAll(
        _ first: borrowing OwnedFD, _ second: borrowing OwnedFD
    ) throws(SystemError) -> ([UInt8], [UInt8]) {
        var read: [CInt: [UInt8]] = [first.raw: [], second.raw: []]
        var open = [first.raw, second.raw]
        while !open.isEmpty {
            let ready = try waitReadable(open)
            for (number, _) in zip(open, ready).filter(\.1) {
                let part = number == first.raw ? try first.read(upTo: 1 << 16) : try second.read(upTo: 1 << 16)
                if part.isEmpty { open.removeAll { $0 == number } }
                // What a program says beyond that is of no use to anybody.
                if read[number, default: []].count < 1 << 20 { read[number, default: []] += part }
            }
        }
        return (read[first.raw] ?? [], read[second.raw] ?? [])
    }

    private static func find(_ name: String) -> FilePath? {
        if name.hasPrefix("/") { return FileSystem.exists(FilePath(name)) ? FilePath(name) : nil }
        let places = (Environment.variables()["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin").split(separator: ":")
        return places.map { FilePath(String($0)).appending(name) }.first { access($0.string, X_OK) == 0 }
    }
}
