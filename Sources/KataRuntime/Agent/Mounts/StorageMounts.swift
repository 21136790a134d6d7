// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// The storages that were mounted for a sandbox or a container, undone in reverse order.
struct StorageMounts {
    private var mounted: [FilePath] = []

    /// What was mounted before a failure stays recorded, for `unmountAll`.
    mutating func add(_ plans: [StoragePlan]) throws(SystemError) {
        for plan in plans {
            switch plan {
            case .directory(let path, let mode):
                try FileSystem.makeDirectory(path)
                try syscall("chmod", path.string) { path.withPlatformString { chmod($0, mode) } }
            case .file(let source, let flags, let point):
                try FileSystem.makeDirectory(point.removingLastComponent())
                _ = try OwnedFD.open(point, O_WRONLY | O_CREAT, mode: 0o600)
                try add(source, "bind", flags, "", point)
            case .mount(let source, let type, let flags, let data, let point):
                try FileSystem.makeDirectory(point)
                try add(source, type, flags, data, point)
            }
        }
    }

    private mutating func add(_ source: String, _ type: String, _ flags: UInt, _ data: String, _ point: FilePath) throws(SystemError) {
        try syscall("mount", point.string) {
            point.withPlatformString { mount(source, $0, type, flags, data.isEmpty ? nil : data) }
        }
        mounted.append(point)
        let bindFlags = flags & ~UInt(MS_BIND | MS_REC)
        if flags & UInt(MS_BIND) != 0 && bindFlags != 0 {
            try syscall("remount", point.string) {
                point.withPlatformString { mount(nil, $0, nil, UInt(MS_REMOUNT | MS_BIND) | bindFlags, nil) }
            }
        }
    }

    /// All are tried; the first failure is thrown.
    mutating func unmountAll() throws(SystemError) {
        var failure: SystemError?
        for point in mounted.reversed() {
            do throws(SystemError) {
                try syscall("umount2", point.string) { point.withPlatformString { umount2($0, Int32(MNT_DETACH)) } }
            } catch {
                failure = failure ?? error
            }
        }
        mounted.removeAll()
        if let failure { throw failure }
    }
}
