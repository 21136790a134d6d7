// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

extension GuestSandbox {
    /// Returns when every process of the container has stopped, or goes on.
    package func setFrozen(_ isFrozen: Bool, _ id: String) async throws {
        let container = try container(id)
        try container.cgroup.setFrozen(isFrozen)
        let deadline = cl_boot_time() + 10_000_000_000
        while try container.cgroup.isFrozen() != isFrozen {
            guard cl_boot_time() < deadline else {
                try container.cgroup.setFrozen(!isFrozen)
                throw SystemError(call: "freeze", subject: id, errno: .init(rawValue: ETIMEDOUT))
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    package func update(_ id: String, _ limits: CgroupLimits) throws {
        let container = try container(id)
        try container.cgroup.apply(try limits.completed { try GroupLimits(of: container.cgroup.path) })
    }

    func group(of id: String) throws -> FilePath { try container(id).cgroup.path }

    package func processes(of id: String) throws -> [ProcessEntry] {
        ProcessTable.entries(of: try container(id).cgroup.allProcesses())
    }
}
