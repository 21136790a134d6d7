// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import KataSystem
package import KataText
package import SystemPackage

/// Files that a user names: read within bounds, whatever they turn out to be.
package enum DocumentReading {
    /// The largest configuration known, containerd's with all comments, has some 60 KiB; one of 1 MB has been seen on a generated host.
    package static let limit = 4 << 20

    /// The text, or why there is none; neither a fifo nor a device keeps the reader waiting.
    package static func read(_ path: FilePath) -> Result<SourceText, UnreadDocument> {
        do throws(SystemError) {
            // Opening a device may already do something, so that it is looked at before.
            guard let status = try FileSystem.targetStatus(path) else {
                return .failure(UnreadDocument(.documentUnreadable(path, .noSuchFileOrDirectory)))
            }
            guard status.kind == .file else { return .failure(UnreadDocument(.documentKind(path, status.kind))) }
            guard status.size <= Int64(limit) else { return .failure(UnreadDocument(.documentTooLarge(path))) }
            // The file may have become a fifo since it was looked at.
            let bytes = try OwnedFD.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY).readAll(limit: limit)
            return .success(SourceText(path: path, bytes: bytes))
        } catch {
            if error.errno == Errno(rawValue: EFBIG) { return .failure(UnreadDocument(.documentTooLarge(path))) }
            return .failure(UnreadDocument(.documentUnreadable(path, error.errno)))
        }
    }
}

/// Why a file has no text for us.
package struct UnreadDocument: Error {
    package let finding: Diagnostic
    init(_ finding: Diagnostic) { self.finding = finding }
}
