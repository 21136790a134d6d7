// SPDX-License-Identifier: Apache-2.0

/// The `linux` section of a container's specification.
package struct LinuxSpec: Codable, Hashable, Sendable {
    package var uidMappings: [LinuxIDMapping]?
    package var gidMappings: [LinuxIDMapping]?
    package var sysctl: [String: String]?
    package var resources: LinuxResources?
    package var cgroupsPath: String?
    package var namespaces: [LinuxNamespace]?
    package var devices: [LinuxDevice]?
    /// By their name on the host.
    package var netDevices: [String: LinuxNetDevice]?
    package var seccomp: LinuxSeccomp?
    package var rootfsPropagation: String?
    package var maskedPaths: [String]?
    package var readonlyPaths: [String]?
    package var mountLabel: String?
    package var intelRdt: LinuxIntelRdt?
    package var personality: LinuxPersonality?
    /// By clock: `monotonic` and `boottime`.
    package var timeOffsets: [String: LinuxTimeOffset]?

    package init(
        uidMappings: [LinuxIDMapping]? = nil, gidMappings: [LinuxIDMapping]? = nil, sysctl: [String: String]? = nil,
        resources: LinuxResources? = nil, cgroupsPath: String? = nil, namespaces: [LinuxNamespace]? = nil,
        devices: [LinuxDevice]? = nil, netDevices: [String: LinuxNetDevice]? = nil, seccomp: LinuxSeccomp? = nil,
        rootfsPropagation: String? = nil, maskedPaths: [String]? = nil, readonlyPaths: [String]? = nil,
        mountLabel: String? = nil, intelRdt: LinuxIntelRdt? = nil, personality: LinuxPersonality? = nil,
        timeOffsets: [String: LinuxTimeOffset]? = nil
    ) {
        self.uidMappings = uidMappings
        self.gidMappings = gidMappings
        self.sysctl = sysctl
        self.resources = resources
        self.cgroupsPath = cgroupsPath
        self.namespaces = namespaces
        self.devices = devices
        self.netDevices = netDevices
        self.seccomp = seccomp
        self.rootfsPropagation = rootfsPropagation
        self.maskedPaths = maskedPaths
        self.readonlyPaths = readonlyPaths
        self.mountLabel = mountLabel
        self.intelRdt = intelRdt
        self.personality = personality
        self.timeOffsets = timeOffsets
    }
}

/// A range of ids inside a user namespace and outside.
package struct LinuxIDMapping: Codable, Hashable, Sendable {
    package var containerID: UInt32
    package var hostID: UInt32
    package var size: UInt32

    package init(containerID: UInt32, hostID: UInt32, size: UInt32) {
        self.containerID = containerID
        self.hostID = hostID
        self.size = size
    }
}

/// A namespace to make, or to join when it has a path.
package struct LinuxNamespace: Codable, Hashable, Sendable {
    package var type: Kind
    package var path: String?

    package init(type: Kind, path: String? = nil) {
        self.type = type
        self.path = path
    }

    /// The kind as the document spells it; a kind unknown here is kept.
    package struct Kind: RawRepresentable, Codable, Hashable, Sendable {
        package let rawValue: String

        package init(rawValue: String) { self.rawValue = rawValue }

        package static let pid = Kind(rawValue: "pid")
        package static let network = Kind(rawValue: "network")
        package static let mount = Kind(rawValue: "mount")
        package static let ipc = Kind(rawValue: "ipc")
        package static let uts = Kind(rawValue: "uts")
        package static let user = Kind(rawValue: "user")
        package static let cgroup = Kind(rawValue: "cgroup")
        package static let time = Kind(rawValue: "time")
    }
}

/// A device node to make in the container.
package struct LinuxDevice: Codable, Hashable, Sendable {
    package var path: String
    /// `c`, `b`, `u` or `p`.
    package var type: String
    package var major: Int64?
    package var minor: Int64?
    package var fileMode: UInt32?
    package var uid: UInt32?
    package var gid: UInt32?

    package init(
        path: String, type: String, major: Int64? = nil, minor: Int64? = nil, fileMode: UInt32? = nil,
        uid: UInt32? = nil, gid: UInt32? = nil
    ) {
        self.path = path
        self.type = type
        self.major = major
        self.minor = minor
        self.fileMode = fileMode
        self.uid = uid
        self.gid = gid
    }
}

/// A network interface to move into the container.
package struct LinuxNetDevice: Codable, Hashable, Sendable {
    /// Its name inside; nil keeps it.
    package var name: String?

    package init(name: String? = nil) {
        self.name = name
    }
}

/// Resource Director Technology (resctrl).
package struct LinuxIntelRdt: Codable, Hashable, Sendable {
    package var closID: String?
    package var l3CacheSchema: String?
    package var memBwSchema: String?
    package var enableCMT: Bool?
    package var enableMBM: Bool?

    package init(
        closID: String? = nil, l3CacheSchema: String? = nil, memBwSchema: String? = nil, enableCMT: Bool? = nil,
        enableMBM: Bool? = nil
    ) {
        self.closID = closID
        self.l3CacheSchema = l3CacheSchema
        self.memBwSchema = memBwSchema
        self.enableCMT = enableCMT
        self.enableMBM = enableMBM
    }
}

/// What personality(2) sets.
package struct LinuxPersonality: Codable, Hashable, Sendable {
    /// `LINUX` or `LINUX32`.
    package var domain: String
    package var flags: [String]?

    package init(domain: String, flags: [String]? = nil) {
        self.domain = domain
        self.flags = flags
    }
}

/// An offset of a clock in a time namespace.
package struct LinuxTimeOffset: Codable, Hashable, Sendable {
    package var secs: Int64?
    package var nanosecs: UInt32?

    package init(secs: Int64? = nil, nanosecs: UInt32? = nil) {
        self.secs = secs
        self.nanosecs = nanosecs
    }
}
