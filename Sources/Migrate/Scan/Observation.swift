// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
package import SystemPackage

/// What was seen at one path of the host when it was looked at; a later look that differs means that somebody was there.
package struct Observation: Hashable, Sendable {
    package enum Kind: String, Sendable, Codable {
        case absent, file, directory, socket, fifo, device
        /// A link that leads nowhere, or in a circle.
        case danglingLink = "dangling link"
    }

    /// As the host names it, not as we reach it below `--root`.
    package let path: FilePath
    /// Where the links at the end of `path` lead, if it is one.
    package let target: FilePath?
    package let kind: Kind
    /// SHA-256, lower-case hexadecimal; only of files whose bytes were read.
    package let digest: String?
    /// Bytes; only of files.
    package let size: Int64?
    /// Permission bits.
    package let mode: UInt32?
    package let owner: UInt32?
    package let group: UInt32?

    init(path: FilePath, target: FilePath? = nil, kind: Kind, status: FileStatus? = nil, digest: String? = nil) {
        self.path = path
        self.target = target
        self.kind = kind
        self.digest = digest
        size = kind == .file ? status?.size : nil
        mode = status?.mode
        owner = status?.owner
        group = status?.group
    }

    func with(digest: String) -> Observation {
        Observation(self, digest: digest)
    }

    private init(_ other: Observation, digest: String) {
        path = other.path
        target = other.target
        kind = other.kind
        self.digest = digest
        size = other.size
        mode = other.mode
        owner = other.owner
        group = other.group
    }

    /// Whether a link stands at `path` itself.
    var isLink: Bool { target != nil || kind == .danglingLink }

    /// Four octal digits, as in chmod(1).
    package var modeDigits: String? {
        mode.map { mode in
            let digits = String(mode, radix: 8)
            return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }
}
