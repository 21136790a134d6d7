// SPDX-License-Identifier: Apache-2.0

package import KataSystem
package import SystemPackage

/// A host that can be changed. Everything that a migration does to it is one of the effects of `perform`, so that a test can let any of
/// them fail, or be the last.
///
/// Paths are the host's own and never lead out of its root.
package protocol Host {
    /// Whether it is a tree of files only: nothing runs there.
    var isCopy: Bool { get }
    /// What stands at a path, links not followed; nil when nothing does.
    func node(at path: FilePath) throws(SystemError) -> HostNode?
    /// The whole content of a regular file.
    func bytes(of path: FilePath) throws(SystemError) -> [UInt8]
    /// Sorted by bytes.
    func names(in directory: FilePath) throws(SystemError) -> [String]
    /// Whether two regular files hold the same bytes.
    func areEqual(_ path: FilePath, _ other: FilePath) throws(SystemError) -> Bool
    /// Mount points at or below a path.
    func mounts(below path: FilePath) throws(SystemError) -> [FilePath]
    /// Runs a program and waits for its end; for what only asks.
    func ask(_ command: [String]) throws(SystemError) -> CommandResult
    func perform(_ effect: Effect) throws(SystemError)
}

/// One change to a host. Each can be done again after it was done half.
package enum Effect: Sendable, Hashable {
    case makeDirectory(FilePath, FileAttributes)
    /// A new file, or another content for a file; not synced to disk before `synchronize`.
    case write(FilePath, [UInt8], FileAttributes)
    /// Synced.
    case append(FilePath, [UInt8])
    /// A regular file with its holes and attributes.
    case copyFile(FilePath, to: FilePath)
    /// What is neither file nor directory.
    case makeNode(FilePath, HostNode)
    case setAttributes(FilePath, FileAttributes)
    /// Replaces what is there, as rename(2).
    case rename(FilePath, to: FilePath)
    /// A file, a link or an empty directory; nothing there is no error.
    case remove(FilePath)
    /// The file system on which a directory is.
    case synchronize(FilePath)
    /// A program; an end other than 0 is an error.
    case run([String])
    /// A program that hands its outputs on to what it starts, and does not wait for that: they go to the end of a file. An end other than 0
    /// is an error.
    case start([String], output: FilePath)
    /// Ends processes that are still the ones that were seen.
    case end([ExpectedProcess])
    /// The same for those that do not go by themselves soon.
    case reap([ExpectedProcess])
}

/// What stands at a path.
package struct HostNode: Sendable, Hashable {
    package let kind: FileStatus.Kind
    package let attributes: FileAttributes
    /// Of a link.
    package let target: String?
    /// Of a device.
    package let deviceNumber: UInt64
    /// Bytes.
    package let size: Int64
}

/// A process that was seen; its pid may be another's by now.
package struct ExpectedProcess: Sendable, Hashable, Codable {
    package let pid: Int32
    /// Clock ticks after boot.
    package let startTime: UInt64
    package let arguments: [String]
    /// What it is asked with first; SIGKILL follows when it stays.
    package let signal: Int32
}

/// How a program ended and what it said.
package struct CommandResult: Sendable, Hashable {
    /// As a shell counts it.
    package let status: Int32
    package let output: [UInt8]
    /// What it wrote to standard error: warnings, which must not spoil an answer.
    package let errors: [UInt8]

    package init(status: Int32, output: [UInt8], errors: [UInt8] = []) {
        self.status = status
        self.output = output
        self.errors = errors
    }

    /// All that it said, the errors last.
    var said: String { String(decoding: output + errors, as: UTF8.self) }

    /// The last that it said, in one line.
    var words: String {
        let lines = said.split(separator: "\n").suffix(3)
        return lines.isEmpty ? "status \(status)" : lines.joined(separator: "; ")
    }
}
