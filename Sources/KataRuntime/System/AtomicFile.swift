// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// Replaces a file whole or not at all, also across a crash.
public enum AtomicFile {
    /// Writes a temporary file beside `path`, syncs it, renames it over `path` and syncs the directory.
    public static func write(_ bytes: [UInt8], to path: FilePath, mode: UInt32 = 0o600) throws(SystemError) {
        let directory = path.removingLastComponent()
        let name = ".\(path.lastComponent?.string ?? "file").\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let temporary = directory.isEmpty ? FilePath(name) : directory.appending(name)
        do throws(SystemError) {
            let file = try OwnedFD.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            try syscall("fchmod", temporary.string) { fchmod(file.raw, mode) }
            try file.writeAll(bytes)
            try file.synchronize()
            try syscall("rename", path.string) {
                temporary.withPlatformString { from in path.withPlatformString { to in cl_rename(from, to) } }
            }
        } catch {
            temporary.withPlatformString { _ = unlink($0) }
            throw SystemError(call: error.call, subject: path.string, errno: error.errno)
        }
        try OwnedFD.open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY).synchronize()
    }
}
