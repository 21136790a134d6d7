// SPDX-License-Identifier: Apache-2.0

internal import KataHypervisor
internal import KataOCI
internal import KataWire

/// A volume that a machine has as a disk.
struct PluggedVolume: Sendable {
    let volume: BlockVolume
    let device: PluggedDevice
}

extension [PluggedVolume] {
    /// Where the host's devices are plugged in.
    var addresses: [DeviceNumber: String] { reduce(into: [:]) { $0[$1.volume.number] = $1.device.address } }
}

extension RunningMachine {
    /// All or none.
    func plug(_ volumes: [BlockVolume]) async throws -> [PluggedVolume] {
        var plugged: [PluggedVolume] = []
        do {
            for volume in volumes {
                let (disk, isReadOnly) = try volume.open()
                plugged.append(PluggedVolume(volume: volume, device: try await machine.ports.add(disk: disk, readOnly: isReadOnly)))
            }
        } catch {
            _ = try? await unplug(plugged)  // the first failure is the one to report
            throw error
        }
        return plugged
    }

    func unplug(_ volumes: [PluggedVolume]) async throws {
        for volume in volumes { try await machine.ports.remove(volume.device) }
    }
}

extension WireCreateContainerRequest {
    /// Tells the guest of its disks: the file systems to be mounted, and the nodes to be made.
    mutating func add(_ volumes: [PluggedVolume], _ container: ContainerID, _ mounts: [MountSpec]) {
        for plugged in volumes {
            switch plugged.volume.use {
            case .mount(let index):
                let mount = mounts[index]
                storages.append(
                    .with {
                        $0.driver = "blk"
                        $0.source = plugged.device.address
                        $0.fstype = mount.isBind ? "bind" : mount.type ?? ""
                        $0.options = mount.isBind ? [] : mount.options ?? []
                        $0.mountPoint = BlockVolume.guestPath(container, mount: index)
                    })
            case .device(let path):
                devices.append(
                    .with {
                        $0.id = plugged.device.address
                        $0.type = "blk"
                        $0.containerPath = path
                    })
            }
        }
    }
}
