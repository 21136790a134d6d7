// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// The options of a runtime-spec mount, sorted into what mount(2) takes (runtime-spec config.md, "Linux mount options").
package struct MountOptions: Sendable, Equatable {
    /// MS_* flags to set, among them MS_BIND and MS_REC.
    package var flags: UInt = 0
    /// MS_* flags that an option takes away, such as `rw` and `suid`.
    package var cleared: UInt = 0
    /// MOUNT_ATTR_* flags for the mount and all below it, from options such as `rro`.
    package var recursiveAttributes: UInt64 = 0
    /// One entry per propagation option, in order: MS_PRIVATE and the like, with MS_REC for the `r…` ones.
    package var propagation: [UInt] = []
    /// What the file system gets, in order.
    package var data: [String] = []
    /// Whether a new tmpfs begins with what is below it.
    package var copiesUp = false

    package init(parsing options: [String]) {
        for option in options {
            if let flag = Self.set[option] {
                flags |= flag
                cleared &= ~flag
            } else if let flag = Self.clear[option] {
                flags &= ~flag
                cleared |= flag
            } else if let kind = Self.propagations[option] {
                propagation.append(kind)
            } else if let attribute = Self.recursive[option] {
                recursiveAttributes |= attribute
            } else if option == "tmpcopyup" {
                copiesUp = true
            } else if !Self.ignored.contains(option) {
                data.append(option)
            }
        }
    }

    package var isBind: Bool { flags & UInt(MS_BIND) != 0 }
    package var isRecursive: Bool { flags & UInt(MS_REC) != 0 }

    /// The flags that a bind mount takes only when it is mounted once more.
    package var bindFlags: UInt { flags & ~UInt(MS_BIND | MS_REC) }

    private static let set: [String: UInt] = [
        "bind": UInt(MS_BIND), "rbind": UInt(MS_BIND | MS_REC), "ro": UInt(MS_RDONLY), "nosuid": UInt(MS_NOSUID),
        "nodev": UInt(MS_NODEV), "noexec": UInt(MS_NOEXEC), "sync": UInt(MS_SYNCHRONOUS), "dirsync": UInt(MS_DIRSYNC),
        "remount": UInt(MS_REMOUNT), "mand": UInt(MS_MANDLOCK), "noatime": UInt(MS_NOATIME),
        "nodiratime": UInt(MS_NODIRATIME), "relatime": UInt(MS_RELATIME), "strictatime": UInt(MS_STRICTATIME),
        "lazytime": UInt(MS_LAZYTIME), "silent": UInt(MS_SILENT), "acl": UInt(MS_POSIXACL),
        "iversion": UInt(MS_I_VERSION), "nosymfollow": 256,
    ]

    private static let clear: [String: UInt] = [
        "rw": UInt(MS_RDONLY), "suid": UInt(MS_NOSUID), "dev": UInt(MS_NODEV), "exec": UInt(MS_NOEXEC),
        "async": UInt(MS_SYNCHRONOUS), "nomand": UInt(MS_MANDLOCK), "atime": UInt(MS_NOATIME),
        "diratime": UInt(MS_NODIRATIME), "norelatime": UInt(MS_RELATIME), "nostrictatime": UInt(MS_STRICTATIME),
        "nolazytime": UInt(MS_LAZYTIME), "loud": UInt(MS_SILENT), "noacl": UInt(MS_POSIXACL),
        "noiversion": UInt(MS_I_VERSION), "symfollow": 256,
    ]

    package static let propagations: [String: UInt] = [
        "private": UInt(MS_PRIVATE), "rprivate": UInt(MS_PRIVATE | MS_REC), "shared": UInt(MS_SHARED),
        "rshared": UInt(MS_SHARED | MS_REC), "slave": UInt(MS_SLAVE), "rslave": UInt(MS_SLAVE | MS_REC),
        "unbindable": UInt(MS_UNBINDABLE), "runbindable": UInt(MS_UNBINDABLE | MS_REC),
    ]

    /// MOUNT_ATTR_* of linux/mount.h, which cannot be included beside sys/mount.h.
    private static let recursive: [String: UInt64] = [
        "rro": 0x1, "rnosuid": 0x2, "rnodev": 0x4, "rnoexec": 0x8, "rnodiratime": 0x80, "rnosymfollow": 0x200000,
    ]

    private static let ignored: Set<String> = ["defaults", ""]
}
