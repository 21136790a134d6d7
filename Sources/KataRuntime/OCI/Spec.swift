// SPDX-License-Identifier: Apache-2.0

/// A bundle's `config.json` for Linux, as the OCI runtime specification 1.2 has it.
///
/// Members that the document does not have are nil, so that decoding and encoding lose nothing known; unknown members are ignored, as
/// the specification asks (Extensibility). Sections of other systems (`windows`, `solaris`, `zos`, `vm`) are unknown here.
package struct Spec: Codable, Hashable, Sendable {
    package var ociVersion: String
    package var process: ProcessSpec?
    package var root: RootSpec?
    package var hostname: String?
    package var domainname: String?
    /// In the order in which they are made.
    package var mounts: [MountSpec]?
    package var hooks: HookSpecs?
    package var annotations: [String: String]?
    package var linux: LinuxSpec?

    package init(
        ociVersion: String, process: ProcessSpec? = nil, root: RootSpec? = nil, hostname: String? = nil,
        domainname: String? = nil, mounts: [MountSpec]? = nil, hooks: HookSpecs? = nil,
        annotations: [String: String]? = nil, linux: LinuxSpec? = nil
    ) {
        self.ociVersion = ociVersion
        self.process = process
        self.root = root
        self.hostname = hostname
        self.domainname = domainname
        self.mounts = mounts
        self.hooks = hooks
        self.annotations = annotations
        self.linux = linux
    }
}

/// The root file system of a container.
package struct RootSpec: Codable, Hashable, Sendable {
    /// Absolute, or relative to the bundle.
    package var path: String
    package var readonly: Bool?

    package init(path: String, readonly: Bool? = nil) {
        self.path = path
        self.readonly = readonly
    }
}

/// A mount, made after the root file system and before the process starts.
package struct MountSpec: Codable, Hashable, Sendable {
    /// Absolute, inside the container.
    package var destination: String
    package var type: String?
    /// A device, a file or directory of the host, or a name without meaning.
    package var source: String?
    package var options: [String]?
    /// Of an id-mapped mount.
    package var uidMappings: [LinuxIDMapping]?
    package var gidMappings: [LinuxIDMapping]?

    package init(
        destination: String, type: String? = nil, source: String? = nil, options: [String]? = nil,
        uidMappings: [LinuxIDMapping]? = nil, gidMappings: [LinuxIDMapping]? = nil
    ) {
        self.destination = destination
        self.type = type
        self.source = source
        self.options = options
        self.uidMappings = uidMappings
        self.gidMappings = gidMappings
    }
}

extension Spec {
    /// Sections that the specification has for other systems than Linux.
    package static let otherSystems = ["solaris", "windows", "vm", "zos", "freebsd"]
}
