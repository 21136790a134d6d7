// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText

/// Plugs devices into the machine's free PCIe root ports (QEMU: docs/pcie.txt, Hot-plug).
actor QEMUPorts: MachinePorts {
    private let spec: MachineSpec
    private let monitor: QMPClient
    private let departures: DeviceDepartures
    private var used: Set<Int> = []
    private var plugged: UInt64 = 0

    /// How long the guest may take to let a device go.
    private static let patience = Duration.seconds(10)

    init(_ spec: MachineSpec, _ monitor: QMPClient, _ departures: DeviceDepartures) {
        self.spec = spec
        self.monitor = monitor
        self.departures = departures
    }

    func add(disk: SharedFD, readOnly: Bool) async throws(MachineError) -> PluggedDevice {
        try await plug("disk") { (device, port) throws(QMPError) in
            try await monitor.execute("add-fd", DescriptorSet(number: device.number), descriptor: disk)
            try await monitor.execute(
                "blockdev-add", HostDevice(node: device.backend, file: "/dev/fdset/\(device.number)", isReadOnly: readOnly))
            try await monitor.execute(
                "device_add",
                DeviceArguments(
                    "virtio-blk-pci", id: device.id, texts: [("drive", device.backend), ("bus", port), ("disable-legacy", "on")]))
        }
    }

    func add(tap: SharedFD, address: String) async throws(MachineError) -> PluggedDevice {
        try await plug("nic") { (device, port) throws(QMPError) in
            try await monitor.execute("getfd", NamedDescriptor(name: device.backend), descriptor: tap)
            try await monitor.execute("netdev_add", TapBackend(id: device.backend, descriptor: device.backend))
            let texts = [("netdev", device.backend), ("mac", address), ("bus", port), ("disable-legacy", "on"), ("romfile", "")]
            try await monitor.execute("device_add", DeviceArguments("virtio-net-pci", id: device.id, texts: texts))
        }
    }

    /// A port is taken before the first command, so that two calls never have the same.
    private func plug(
        _ kind: String, _ body: (PluggedDevice, String) async throws(QMPError) -> Void
    ) async throws(MachineError) -> PluggedDevice {
        guard let port = (0..<spec.rootPorts).first(where: { !used.contains($0) }) else {
            throw .noPort(machine: spec.name, ports: spec.rootPorts)
        }
        used.insert(port)
        plugged += 1
        let device = PluggedDevice(kind: kind, number: plugged, port: port)
        do throws(QMPError) {
            try await body(device, "rp\(port)")
            return device
        } catch {
            await release(device)
            used.remove(port)
            throw .plug(machine: spec.name, cause: error)
        }
    }

    func remove(_ device: PluggedDevice) async throws(MachineError) {
        let departure = departures.expect(device.id)
        defer { departures.forget(device.id) }
        do throws(QMPError) {
            try await monitor.execute("device_del", ["id": device.id])
            // The guest is asked; it lets the device go in its own time.
            switch await departure.wait(atMost: Self.patience) {
            case .gone?: break
            case .kept?: throw .refused(command: "device_del", class: "GuestError", description: "the guest keeps the device")
            case nil:
                // A guest that causes events without end has the oldest of them dropped.
                if try await isPresent(device) { throw .timedOut(command: "device_del", Self.patience) }
            }
        } catch {
            throw .plug(machine: spec.name, cause: error)
        }
        await release(device)
        used.remove(device.port)
    }

    private func isPresent(_ device: PluggedDevice) async throws(QMPError) -> Bool {
        let devices = try await monitor.execute("qom-list", ["path": "/machine/peripheral"]).array ?? []
        return devices.contains { $0["name"]?.string == device.id }
    }

    /// What stood behind the device, as far as it came to be.
    private func release(_ device: PluggedDevice) async {
        if device.kind == "nic" {
            _ = try? await monitor.execute("netdev_del", ["id": device.backend])
        } else {
            _ = try? await monitor.execute("blockdev-del", ["node-name": device.backend])
            _ = try? await monitor.execute("remove-fd", DescriptorSet(number: device.number))
        }
    }
}

private struct DescriptorSet: Encodable, Sendable {
    let number: UInt64

    enum CodingKeys: String, CodingKey { case number = "fdset-id" }
}

private struct NamedDescriptor: Encodable, Sendable {
    let name: String

    enum CodingKeys: String, CodingKey { case name = "fdname" }
}

/// Of `netdev_add`.
private struct TapBackend: Encodable, Sendable {
    let type = "tap"
    let id: String
    let descriptor: String

    enum CodingKeys: String, CodingKey {
        case type
        case id
        case descriptor = "fd"
    }
}

/// Of `blockdev-add`.
private struct HostDevice: Encodable, Sendable {
    let driver = "host_device"
    let node: String
    let file: String
    let isReadOnly: Bool
    let discard = "unmap"
    /// Two containers may have one device; whose changes count is theirs to settle, as on the host.
    let locking = "off"

    enum CodingKeys: String, CodingKey {
        case driver
        case node = "node-name"
        case file = "filename"
        case isReadOnly = "read-only"
        case discard
        case locking
    }
}
