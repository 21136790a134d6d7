// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
package import SystemPackage

/// The directory that QEMU or virtiofsd exports, filled with bind mounts of what the guest may see.
///
/// The mounts are in the shim's own mount namespace: they end with the shim and QEMU, however these end.
package struct ShareTree: Sendable {
    package let path: FilePath

    /// - Parameter isServed: whether a process with a mount namespace of its own exports it; it sees later mounts too.
    package init(_ path: FilePath, isServed: Bool = false) throws(SystemError) {
        self.path = path
        // Root of a user namespace has no right to all directories; above this one only the host's root has any.
        try FileSystem.makeDirectory(path, mode: 0o711)
        guard isServed else { return }
        try Mounts.bind(path, on: path)
        try Mounts.share(path)
    }

    /// Makes all of them visible or none.
    ///
    /// - Parameter trees: one for each, from a process that sees mounts which this one does not; none where the sources are in sight.
    package func add(_ shares: [HostShare], trees: [SharedFD] = []) throws(SystemError) {
        var done: [HostShare] = []
        do throws(SystemError) {
            for (index, share) in shares.enumerated() {
                let target = path.pushing(share.target)
                if let overlay = share.overlay {
                    try FileSystem.makeDirectory(target)
                    try Mounts.overlay(overlay, on: target, readOnly: share.isReadOnly)
                } else if trees.indices.contains(index) {
                    try makeTarget(of: share, seenAs: FilePath("/proc/self/fd/\(trees[index].raw)"))
                    try Mounts.attach(trees[index], on: target, readOnly: share.isReadOnly)
                } else {
                    try makeTarget(of: share, seenAs: share.source)
                    try Mounts.bind(share.source, on: target, readOnly: share.isReadOnly, isRecursive: share.isRecursive)
                }
                done.append(share)
            }
        } catch {
            for share in done.reversed() { _ = try? Mounts.detach(path.pushing(share.target)) }  // the first failure counts
            throw error
        }
    }

    /// Takes a container's shares away again.
    package func remove(_ shares: [HostShare], of container: String) throws(SystemError) {
        for share in shares.reversed() { try Mounts.detach(path.pushing(share.target)) }
        try FileSystem.removeTree(path.appending(container))
    }

    private func makeTarget(of share: HostShare, seenAs source: FilePath) throws(SystemError) {
        guard let status = try FileSystem.targetStatus(source) else {
            throw SystemError(call: "mount", subject: share.source.string, errno: .noSuchFileOrDirectory)
        }
        let target = path.pushing(share.target)
        if status.kind == .directory { return try FileSystem.makeDirectory(target) }
        try FileSystem.makeDirectory(target.removingLastComponent())
        _ = try OwnedFD.open(target, O_WRONLY | O_CREAT, mode: 0o600)
    }
}
