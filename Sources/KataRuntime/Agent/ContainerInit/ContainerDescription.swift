// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataWire
package import SystemPackage

/// What a process of a container is to be, read from a runtime-spec `process`.
package struct ProcessDescription: Sendable, Equatable {
    package var arguments: [String] = []
    package var environment = ProcessEnvironment([])
    package var workingDirectory: FilePath = "/"
    package var user: UInt32 = 0
    package var group: UInt32 = 0
    package var additionalGroups: [UInt32] = []
    package var capabilities = CapabilitySets()
    package var limits: [ResourceLimit] = []
    package var noNewPrivileges = false
    /// The container's, for each of its processes.
    package var filter: SystemCallFilter?
    package var outOfMemoryScoreAdjustment: Int64?
    package var fileMask: UInt32 = 0o022
    package var scheduling = Scheduling()
    /// PER_* of personality(2).
    package var personality: UInt64?
    /// Run in place of the first argument.
    package var program: String?
    /// Nil for a process on pipes.
    package var terminal: TerminalSize?

    package init() {}
}

/// In characters; zero leaves the kernel's own.
package struct TerminalSize: Sendable, Equatable {
    package var rows: UInt32
    package var columns: UInt32

    package init(rows: UInt32 = 0, columns: UInt32 = 0) {
        self.rows = rows
        self.columns = columns
    }
}

/// A mount of the runtime-spec. Sources of bind mounts are paths of the guest.
package struct MountDescription: Sendable, Equatable {
    package let source: String
    package let destination: FilePath
    package let type: String
    package let options: MountOptions

    /// - Parameter destination: taken from the root when it is relative, as runc does.
    package init(source: String, destination: String, type: String, options: [String]) {
        var parsed = MountOptions(parsing: options)
        if type == "bind" && !parsed.isBind { parsed.flags |= MountOptions(parsing: ["bind"]).flags }
        self.source = source
        self.destination = FilePath("/").pushing(FilePath(destination).lexicallyNormalized().removingRootForContainer())
        self.type = type
        self.options = parsed
    }
}

/// A device node to make in the container.
package struct DeviceDescription: Sendable, Equatable {
    /// File type and permission bits as for mknod(2).
    package let mode: UInt32
    package let path: FilePath
    package let device: UInt64
    package let user: UInt32
    package let group: UInt32

    package init(path: FilePath, mode: UInt32, major: UInt64, minor: UInt64, user: UInt32 = 0, group: UInt32 = 0) {
        self.path = path
        self.mode = mode
        self.user = user
        self.group = group
        // gnu_dev_makedev(3).
        device = (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12) | ((major & ~0xfff) << 32)
    }
}

/// A container as the agent builds it, read from a runtime-spec document.
package struct ContainerDescription: Sendable {
    /// The root file system, a path of the guest.
    package var root: FilePath
    package var isRootReadOnly = false
    /// A propagation flag of the root mount; the container's mounts are private without it.
    package var rootPropagation: UInt?
    /// A network namespace of its own instead of the guest's.
    package var hasOwnNetwork = false
    /// The container whose namespaces it shares, and which (CLONE_NEW*).
    package var shared: (container: String, namespaces: UInt64)?
    /// Of a time namespace of its own.
    package var clocks: ClockOffsets?
    /// Of a user namespace of its own.
    package var identities: IdentityMaps?
    package var hostName = ""
    package var domainName = ""
    package var mounts: [MountDescription] = []
    package var devices: [DeviceDescription] = []
    package var maskedPaths: [FilePath] = []
    package var readOnlyPaths: [FilePath] = []
    /// sysctl(8) names with dots and their values, sorted by name.
    package var kernelParameters: [(name: String, value: String)] = []
    package var process = ProcessDescription()
    package var deviceRules: [DeviceFilter.Rule] = []
    /// Run in the container before its program.
    package var startHooks: [HookDescription] = []
    /// What hooks are told of it.
    package var state = WireHookState()

    package init(root: FilePath) { self.root = root }

    /// Whether its clocks are others than the guest's.
    var hasOtherClocks: Bool { clocks != nil || (shared?.namespaces ?? 0) & CL_NEW_TIME != 0 }

    /// Where the agent keeps device nodes, on a file system that allows them, for a container that cannot make them.
    var deviceDirectory: FilePath { FilePath("/dev/kata").appending(state.id) }

    func deviceSource(_ index: Int) -> FilePath { deviceDirectory.appending("\(index)") }
}

extension FilePath {
    fileprivate func removingRootForContainer() -> FilePath {
        var path = self
        path.root = nil
        return path
    }
}
