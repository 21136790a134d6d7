// SPDX-License-Identifier: Apache-2.0

/// A process of a container: its own, or one that `exec` adds.
package struct ProcessSpec: Codable, Hashable, Sendable {
    package var terminal: Bool?
    package var consoleSize: ConsoleSize?
    package var user: UserSpec
    /// Starts with argv[0].
    package var args: [String]?
    /// `NAME=value`.
    package var env: [String]?
    /// Absolute.
    package var cwd: String
    package var capabilities: LinuxCapabilities?
    package var rlimits: [ResourceLimit]?
    package var noNewPrivileges: Bool?
    package var apparmorProfile: String?
    package var oomScoreAdj: Int?
    package var selinuxLabel: String?
    package var scheduler: Scheduler?
    package var ioPriority: IOPriority?
    package var execCPUAffinity: CPUAffinity?

    package init(
        terminal: Bool? = nil, consoleSize: ConsoleSize? = nil, user: UserSpec = UserSpec(), args: [String]? = nil,
        env: [String]? = nil, cwd: String, capabilities: LinuxCapabilities? = nil, rlimits: [ResourceLimit]? = nil,
        noNewPrivileges: Bool? = nil, apparmorProfile: String? = nil, oomScoreAdj: Int? = nil,
        selinuxLabel: String? = nil, scheduler: Scheduler? = nil, ioPriority: IOPriority? = nil,
        execCPUAffinity: CPUAffinity? = nil
    ) {
        self.terminal = terminal
        self.consoleSize = consoleSize
        self.user = user
        self.args = args
        self.env = env
        self.cwd = cwd
        self.capabilities = capabilities
        self.rlimits = rlimits
        self.noNewPrivileges = noNewPrivileges
        self.apparmorProfile = apparmorProfile
        self.oomScoreAdj = oomScoreAdj
        self.selinuxLabel = selinuxLabel
        self.scheduler = scheduler
        self.ioPriority = ioPriority
        self.execCPUAffinity = execCPUAffinity
    }
}

/// A terminal's size in characters.
package struct ConsoleSize: Codable, Hashable, Sendable {
    package var height: UInt32
    package var width: UInt32

    package init(height: UInt32, width: UInt32) {
        self.height = height
        self.width = width
    }
}

/// The ids that a process runs with; ids that the document does not have are 0, as they are for runc.
package struct UserSpec: Codable, Hashable, Sendable {
    package var uid: UInt32
    package var gid: UInt32
    package var umask: UInt32?
    package var additionalGids: [UInt32]?
    package var username: String?

    package init(uid: UInt32 = 0, gid: UInt32 = 0, umask: UInt32? = nil, additionalGids: [UInt32]? = nil, username: String? = nil) {
        self.uid = uid
        self.gid = gid
        self.umask = umask
        self.additionalGids = additionalGids
        self.username = username
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        uid = try container.decodeIfPresent(UInt32.self, forKey: .uid) ?? 0
        gid = try container.decodeIfPresent(UInt32.self, forKey: .gid) ?? 0
        umask = try container.decodeIfPresent(UInt32.self, forKey: .umask)
        additionalGids = try container.decodeIfPresent([UInt32].self, forKey: .additionalGids)
        username = try container.decodeIfPresent(String.self, forKey: .username)
    }
}

extension KeyedDecodingContainer {
    /// Chosen by the synthesized decoding of `ProcessSpec`: a process without a user runs as root, as it does under runc.
    func decode(_ type: UserSpec.Type, forKey key: Key) throws -> UserSpec {
        try decodeIfPresent(type, forKey: key) ?? UserSpec()
    }
}
