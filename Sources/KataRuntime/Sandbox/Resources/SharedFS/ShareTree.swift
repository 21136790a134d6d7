// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
package import SystemPackage

/// The directory that QEMU exports, filled with bind mounts of what the guest may see.
///
/// The mounts are in the shim's own mount namespace: they end with the shim and QEMU, however these end.
package struct ShareTree: Sendable {
    package let path: FilePath

    package init(_ path: FilePath) throws(SystemError) {
        self.path = path
        try FileSystem.makeDirectory(path, mode: 0o700)
    }

    /// Makes all of them visible or none.
    package func add(_ shares: [HostShare]) throws(SystemError) {
        var done: [HostShare] = []
        do throws(SystemError) {
            for share in shares {
                try makeTarget(of: share)
                try Mounts.bind(share.source, on: path.pushing(share.target), readOnly: share.isReadOnly)
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

    private func makeTarget(of share: HostShare) throws(SystemError) {
        guard let status = try FileSystem.targetStatus(share.source) else {
            throw SystemError(call: "mount", subject: share.source.string, errno: .noSuchFileOrDirectory)
        }
        let target = path.pushing(share.target)
        if status.kind == .directory { return try FileSystem.makeDirectory(target) }
        try FileSystem.makeDirectory(target.removingLastComponent())
        _ = try OwnedFD.open(target, O_WRONLY | O_CREAT, mode: 0o600)
    }
}
