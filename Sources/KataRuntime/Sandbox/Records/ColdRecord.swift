// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText
package import SystemPackage

/// A container that is created and has no VM yet: it was moved here from an older runtime, and boots at its first `start`. Or one that had
/// ended there: its exit status is kept, and it can only be deleted.
///
/// It is a file `record.json` in a directory of the container's name below `/var/lib`, so that it outlives a reboot; where the container's
/// bundle has gone, the directory is a bundle itself. `kata-migrate` writes it, `delete` removes it.
package struct ColdRecord: Codable, Sendable, Hashable {
    package static let currentVersion = 1
    package static let directory = FilePath("/var/lib/kata-swift/sandboxes")

    package var version: Int
    package var id: String
    /// Absolute path of the OCI bundle that `start` boots.
    package var bundle: String
    /// Absolute path of the root file system on the host.
    package var rootfs: String?
    /// Of its specification.
    package var annotations: [String: String]
    /// The system that made it, in words.
    package var origin: String
    /// With which it ended there, as a shell counts it; nil for one that waits for its first start here.
    package var exitStatus: Int32?

    /// As the commands see it.
    ///
    /// - Parameter created: when the record was written.
    func container(created: Timestamp) -> ContainerRecord {
        var record = ContainerRecord(
            id: id, bundle: FilePath(bundle), sandbox: StateRoot.sandboxes.appending(id), configuration: nil, created: created,
            annotations: annotations, life: exitStatus.map { .ended(status: $0, origin: origin) } ?? .cold(origin: origin))
        record.rootfs = rootfs
        return record
    }
}
