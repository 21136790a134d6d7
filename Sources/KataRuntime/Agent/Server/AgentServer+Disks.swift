// SPDX-License-Identifier: Apache-2.0

internal import KataWire
internal import SystemPackage

/// Disks, which the host names by where it has plugged them in.
extension AgentServer {
    static let diskDriver = "blk"

    static func storages(_ wanted: [WireStorage]) async throws -> [StoragePlan] {
        var plans: [StoragePlan] = []
        for storage in wanted {
            var description = try StorageDescription(storage)
            if description.driver == diskDriver { description.source = try await BlockNode.find(description.source).path.string }
            plans.append(try StoragePlan(of: description))
        }
        return plans
    }

    /// The specification with the guest's numbers in place of the host's.
    static func specification(_ spec: WireSpec, with devices: [WireDevice]) async throws -> WireSpec {
        var nodes: [String: BlockNode] = [:]
        for device in devices {
            guard device.type == diskDriver else {
                throw AgentFailure.unsupported("give device '\(device.containerPath)' of type '\(device.type)'")
            }
            nodes[device.containerPath] = try await BlockNode.find(device.id)
        }
        var result = spec
        let strangers = spec.linux.devices.filter { $0.type == "b" && nodes[$0.path] == nil }
        if !strangers.isEmpty, !spec.linux.resources.devices.contains(where: \.allowsAll) {
            let drivers = try BlockNode.drivers()
            for device in strangers where drivers.contains(device.major) {
                throw AgentFailure.invalid(
                    "give the container '\(device.path)': the host has no block device \(device.major):\(device.minor), and the guest's "
                        + "disks have such numbers")
            }
        }
        for (index, device) in spec.linux.devices.enumerated() {
            guard let node = nodes[device.path] else { continue }
            result.linux.devices[index].major = node.major
            result.linux.devices[index].minor = node.minor
            for (position, rule) in spec.linux.resources.devices.enumerated()
            where rule.type == "b" && rule.major == device.major && rule.minor == device.minor {
                result.linux.resources.devices[position].major = node.major
                result.linux.resources.devices[position].minor = node.minor
            }
        }
        if spec.linux.hasResources { result.linux.resources = try await resources(result.linux.resources) }
        return result
    }

    static func resources(_ resources: WireLinuxResources) async throws -> WireLinuxResources {
        guard resources.hasBlockIo else { return resources }
        var limits = resources.blockIo
        func placed(_ devices: [WireLinuxThrottleDevice]) async throws -> [WireLinuxThrottleDevice] {
            var placed = devices
            for (index, device) in devices.enumerated() where !device.disk.isEmpty {
                let node = try await BlockNode.find(device.disk)
                (placed[index].major, placed[index].minor) = (node.major, node.minor)
            }
            return placed
        }
        for (index, device) in limits.weightDevice.enumerated() where !device.disk.isEmpty {
            let node = try await BlockNode.find(device.disk)
            (limits.weightDevice[index].major, limits.weightDevice[index].minor) = (node.major, node.minor)
        }
        limits.throttleReadBpsDevice = try await placed(limits.throttleReadBpsDevice)
        limits.throttleWriteBpsDevice = try await placed(limits.throttleWriteBpsDevice)
        limits.throttleReadIopsdevice = try await placed(limits.throttleReadIopsdevice)
        limits.throttleWriteIopsdevice = try await placed(limits.throttleWriteIopsdevice)
        var result = resources
        result.blockIo = limits
        return result
    }
}

extension WireLinuxDeviceCgroup {
    /// Of a privileged container, which may have the guest's disks.
    fileprivate var allowsAll: Bool { allow && ["", "a"].contains(type) && major < 0 && minor < 0 }
}
