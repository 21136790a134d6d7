// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataBundle
internal import KataOCI
internal import KataSystem
package import SystemPackage

/// A block device of the host that a container's specification names; the guest gets it as a disk.
package struct BlockVolume: Sendable, Hashable {
    package enum Use: Sendable, Hashable {
        /// A mount, by its place in the specification.
        case mount(Int)
        /// A node of `linux.devices`, by its path.
        case device(String)
    }

    package let use: Use
    /// On the host.
    package let source: FilePath
    package let isReadOnly: Bool
    package let number: DeviceNumber

    /// Looks at the host: a mount is of a block device when its source is one.
    package static func all(of bundle: Bundle) -> [BlockVolume] {
        var found: [BlockVolume] = []
        for (index, mount) in (bundle.spec.mounts ?? []).enumerated() {
            guard let source = mount.source, mount.isBind || source.hasPrefix("/") else { continue }
            let path = bundle.path.pushing(FilePath(source)).lexicallyNormalized()
            // What is not there is missed when it is mounted, with its name.
            guard let status = try? FileSystem.targetStatus(path), status.kind == .blockDevice else { continue }
            found.append(
                BlockVolume(
                    use: .mount(index), source: path, isReadOnly: (mount.options ?? []).contains { $0 == "ro" || $0 == "rro" },
                    number: DeviceNumber(status.deviceNumber)))
        }
        // A privileged container is given every device of the host; none of them is meant, and the host's own disks are among them.
        let rules = bundle.spec.linux?.resources?.devices ?? []
        let isPrivileged = rules.contains { $0.allow && ($0.type ?? "a") == "a" && ($0.major ?? -1) < 0 && ($0.minor ?? -1) < 0 }
        for device in bundle.spec.linux?.devices ?? [] where device.type == "b" && !isPrivileged {
            let number = DeviceNumber(major: device.major ?? 0, minor: device.minor ?? 0)
            // Otherwise it is a node of nothing, which cannot be opened; the guest sees to it that it is not one of its own disks.
            guard let name = name(of: number) else { continue }
            found.append(
                BlockVolume(
                    use: .device(device.path), source: FilePath("/dev").pushing(FilePath(name)), isReadOnly: false, number: number))
        }
        return found
    }

    /// Of its node below /dev (kernel: admin-guide/sysfs-rules).
    private static func name(of device: DeviceNumber) -> String? {
        guard let bytes = try? FileSystem.read(FilePath("/sys/dev/block/\(device)/uevent"), limit: 1 << 12) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix("DEVNAME=") }.map { String($0.dropFirst(8)) }
    }

    /// For the machine. A device that can only be read is opened so.
    func open() throws -> (descriptor: SharedFD, isReadOnly: Bool) {
        do throws(SystemError) {
            if !isReadOnly { return (SharedFD(try OwnedFD.open(source, O_RDWR)), false) }
        } catch {
            guard error.errno == .permissionDenied || error.errno == .readOnlyFileSystem else { throw error }
        }
        return (SharedFD(try OwnedFD.open(source, O_RDONLY)), true)
    }

    /// Where the guest has the volume before the container takes it.
    static func guestPath(_ container: ContainerID, mount index: Int) -> String {
        "/run/kata-containers/sandbox/storage/\(container.rawValue)/\(index)"
    }
}
