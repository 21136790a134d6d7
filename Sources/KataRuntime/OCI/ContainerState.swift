// SPDX-License-Identifier: Apache-2.0

/// The state document of a container (runtime-spec, State), with the members that runc adds and engines read.
package struct ContainerState: Codable, Hashable, Sendable {
    package var ociVersion: String
    package var id: ContainerID
    package var status: ContainerStatus
    /// On the host; 0 when the container is stopped, as runc writes it.
    package var pid: Int32
    /// Absolute.
    package var bundle: String
    /// runc's: absolute path of the root file system.
    package var rootfs: String?
    /// runc's: RFC 3339 in UTC.
    package var created: String?
    /// runc's: the name of the user who made it, empty for root.
    package var owner: String?
    package var annotations: [String: String]?
    /// Ours: with which it ended, as a shell counts it; nil where that is not so or not known.
    package var exitStatus: Int32?

    package init(
        ociVersion: String, id: ContainerID, status: ContainerStatus, pid: Int32 = 0, bundle: String,
        rootfs: String? = nil, created: String? = nil, owner: String? = nil, annotations: [String: String]? = nil,
        exitStatus: Int32? = nil
    ) {
        self.ociVersion = ociVersion
        self.id = id
        self.status = status
        self.pid = pid
        self.bundle = bundle
        self.rootfs = rootfs
        self.created = created
        self.owner = owner
        self.annotations = annotations
        self.exitStatus = exitStatus
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        ociVersion = try container.decode(String.self, forKey: .ociVersion)
        id = try container.decode(ContainerID.self, forKey: .id)
        status = try container.decode(ContainerStatus.self, forKey: .status)
        pid = try container.decodeIfPresent(Int32.self, forKey: .pid) ?? 0  // required only while a process exists
        bundle = try container.decode(String.self, forKey: .bundle)
        rootfs = try container.decodeIfPresent(String.self, forKey: .rootfs)
        created = try container.decodeIfPresent(String.self, forKey: .created)
        owner = try container.decodeIfPresent(String.self, forKey: .owner)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
        exitStatus = try container.decodeIfPresent(Int32.self, forKey: .exitStatus)
    }
}

/// Where a container is in its life; `paused` is runc's addition.
package enum ContainerStatus: String, Codable, Hashable, Sendable, CaseIterable {
    case creating, created, running, paused, stopped
}
