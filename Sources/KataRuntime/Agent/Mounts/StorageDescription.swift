// SPDX-License-Identifier: Apache-2.0

package import SystemPackage

/// A file system that the host wants mounted in the guest.
package struct StorageDescription: Sendable, Equatable {
    package var driver: String
    package var source: String
    package var fileSystem: String
    package var options: [String]
    package var mountPoint: FilePath

    package init(driver: String, source: String, fileSystem: String, options: [String], mountPoint: FilePath) {
        self.driver = driver
        self.source = source
        self.fileSystem = fileSystem
        self.options = options
        self.mountPoint = mountPoint
    }
}

/// What a storage comes down to.
package enum StoragePlan: Sendable, Equatable {
    case mount(source: String, type: String, flags: UInt, data: String, at: FilePath)
    /// One file laid over another, which is made.
    case file(source: String, flags: UInt, at: FilePath)
    /// A plain directory, which lives as long as the guest.
    case directory(FilePath, mode: UInt32)

    /// Kata's driver names that this agent has.
    package static let drivers = ["9p", "virtio-fs", "ephemeral", "local", "bind", "blk"]

    package init(of storage: StorageDescription) throws(AgentFailure) {
        let point = storage.mountPoint
        guard point.isAbsolute, !point.components.contains(where: { $0.kind == .parentDirectory }) else {
            throw .invalid("mount storage at '\(point)': not an absolute path without '..'")
        }
        let options = MountOptions(parsing: storage.options)
        let data = options.data.joined(separator: ",")
        switch storage.driver {
        case "9p":
            self = .mount(source: storage.source, type: "9p", flags: options.flags, data: data, at: point)
        case "virtio-fs":
            self = .mount(source: storage.source, type: "virtiofs", flags: options.flags, data: data, at: point)
        case "ephemeral":
            guard storage.fileSystem == "tmpfs" || storage.fileSystem.isEmpty else {
                throw .unsupported("mount ephemeral storage of type '\(storage.fileSystem)'")
            }
            self = .mount(source: "tmpfs", type: "tmpfs", flags: options.flags, data: data, at: point)
        case "bind":
            let flags = options.isBind ? options.flags : options.flags | MountOptions(parsing: ["bind"]).flags
            self = .mount(source: storage.source, type: "bind", flags: flags, data: data, at: point)
        case "blk" where storage.fileSystem == "bind":
            self = .file(source: storage.source, flags: options.flags | MountOptions(parsing: ["bind"]).flags, at: point)
        case "blk":
            guard !storage.fileSystem.isEmpty else { throw .invalid("mount disk at '\(point)': its file system has no name") }
            self = .mount(source: storage.source, type: storage.fileSystem, flags: options.flags, data: data, at: point)
        case "local":
            self = .directory(point, mode: try Self.mode(in: storage.options))
        default:
            throw .unsupported("mount storage with driver '\(storage.driver)'")
        }
    }

    /// `mode=0777` in octal, as Kata sends it.
    private static func mode(in options: [String]) throws(AgentFailure) -> UInt32 {
        guard let option = options.last(where: { $0.hasPrefix("mode=") }) else { return 0o755 }
        guard let mode = UInt32(option.dropFirst(5), radix: 8), mode <= 0o7777 else {
            throw .invalid("read storage option '\(option)': not an octal mode")
        }
        return mode
    }
}
