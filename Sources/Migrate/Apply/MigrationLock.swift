// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import KataSystem
package import SystemPackage

/// That nobody else migrates the host; until the process ends.
package struct MigrationLock: ~Copyable {
    private let file: OwnedFD

    /// - Parameter journals: on the host.
    package init(of host: LiveHost, journals: FilePath) throws(MigrationError) {
        file = try Self.locked(journals.appending("lock"), on: host)
    }

    private static func locked(_ path: FilePath, on host: LiveHost) throws(MigrationError) -> OwnedFD {
        do throws(SystemError) {
            try host.makeDirectories(to: path.removingLastComponent(), like: FileAttributes(mode: 0o700))
            let file = try host.withPlace(path) { place throws(SystemError) in
                try OwnedFD.open(place, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            }
            try syscall("flock", path.string) { flock(file.raw, LOCK_EX | LOCK_NB) }
            return file
        } catch {
            throw error.errno == .wouldBlock ? .busy(path) : .journal(path, error)
        }
    }
}
