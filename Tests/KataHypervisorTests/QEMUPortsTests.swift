// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import Testing

@testable import KataHypervisor

@Suite("qemu ports", .timeLimit(.minutes(1)))
struct QEMUPortsTests {
    /// Ports of a machine whose monitor the test plays.
    private func withPorts(_ body: (FakeMonitor, QEMUPorts) async throws -> Void) async throws {
        let monitor = try await FakeMonitor().negotiated()
        let departures = DeviceDepartures()
        let following = Task { for await event in monitor.client.events { departures.note(event) } }
        try await body(monitor, QEMUPorts(.sample, monitor.client, departures))
        monitor.client.close()
        await following.value
    }

    private let disk = PluggedDevice(kind: "disk", number: 1, port: 0)

    private func answer(_ monitor: FakeMonitor, _ words: String...) async throws {
        let line = try await monitor.line()
        for word in words { #expect(line.contains(word), "\(line)") }
        let id = try #require(line.split(separator: "\"id\":").last?.prefix { $0.isNumber })
        try monitor.send("{\"return\": {}, \"id\": \(id)}\n")
    }

    @Test("a device is taken out when qemu says that the guest has let it go, without being asked")
    func gone() async throws {
        try await withPorts { monitor, ports in
            async let removed: Void = ports.remove(disk)
            try await answer(monitor, "device_del", disk.id)
            // Others' devices, and parts of this one without a name.
            try monitor.send(#"{"event": "DEVICE_DELETED", "data": {"path": "/machine/peripheral/x/virtio-backend"}}"# + "\n")
            try monitor.send(#"{"event": "DEVICE_DELETED", "data": {"device": "other", "path": "/machine/peripheral/other"}}"# + "\n")
            try monitor.send("{\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"\(disk.id)\"}}\n")
            try await answer(monitor, "blockdev-del", disk.backend)
            try await answer(monitor, "remove-fd")
            try await removed
        }
    }

    @Test("a guest that keeps a device is named at once")
    func kept() async throws {
        try await withPorts { monitor, ports in
            async let removed: Void = ports.remove(disk)
            try await answer(monitor, "device_del")
            try monitor.send("{\"event\": \"DEVICE_UNPLUG_GUEST_ERROR\", \"data\": {\"device\": \"\(disk.id)\"}}\n")
            do {
                try await removed
                Issue.record("it was removed")
            } catch {
                #expect(errorChain(error).contains("the guest keeps the device"), "\(errorChain(error))")
            }
        }
    }
}
