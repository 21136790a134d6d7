// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText
internal import SystemPackage

/// The file that remembers which of both virtiofsd a program is, so that it is not run once more for each sandbox to say so.
struct FileServerRecord: Sendable {
    static let version = 1

    let path: FilePath

    /// What must be the same for the answer to hold.
    private struct Subject: Codable, Equatable {
        var program: String
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int64
        var nanoseconds: Int64

        init?(_ program: FilePath) {
            // A program that is not there is missed when it is run.
            guard let status = try? FileSystem.targetStatus(program) else { return nil }
            self.program = program.string
            device = status.device
            inode = status.inode
            size = status.size
            seconds = status.modificationSeconds
            nanoseconds = status.modificationNanoseconds
        }
    }

    private struct Content: Codable {
        var version: Int
        var subject: Subject
        var isOfQEMU: Bool
    }

    /// The remembered answer about this very file, else that of the program itself, which is then remembered.
    func isOfQEMU(_ program: FilePath, asking ask: () throws(SystemError) -> Bool) throws(SystemError) -> Bool {
        let subject = Subject(program)
        if let subject, let known = remembered(subject) { return known }
        let answer = try ask()
        if let subject, let bytes = try? encodeJSON(Content(version: Self.version, subject: subject, isOfQEMU: answer), pretty: true) {
            // Without the record the next one asks again; that is no reason to refuse this one.
            _ = try? FileSystem.makeDirectory(path.removingLastComponent(), mode: 0o700)
            _ = try? AtomicFile.write(bytes, to: path)
        }
        return answer
    }

    private func remembered(_ subject: Subject) -> Bool? {
        // A record that cannot be read is made anew; it is a cache.
        guard let bytes = try? FileSystem.read(path, limit: 1 << 16),
            let content = try? JSONDocument.parse(SourceText(path: path, bytes: bytes)).value?.decode(Content.self),
            content.version == Self.version, content.subject == subject
        else { return nil }
        return content.isOfQEMU
    }
}
