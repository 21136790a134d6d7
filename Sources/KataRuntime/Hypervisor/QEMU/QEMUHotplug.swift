// SPDX-License-Identifier: Apache-2.0

internal import KataText

/// Adds processors and memory through QEMU's monitor (docs/system/cpu-hotplug.rst, docs/memory-hotplug.txt).
///
/// Calls follow one another: the caller waits for the answer to one before the next.
actor QEMUHotplug: MachineHotplug {
    private let spec: MachineSpec
    private let monitor: QMPClient
    private var size: MachineSize
    private var modules = 0

    /// Linux adds memory to an x86 guest in blocks of this size (MIN_MEMORY_BLOCK_SIZE).
    private static let blockMiB = 128

    /// Nil for a machine with nothing to grow into.
    init?(_ spec: MachineSpec, _ monitor: QMPClient) {
        guard spec.memory.growth != nil || spec.processors.maximum > spec.processors.count else { return nil }
        self.spec = spec
        self.monitor = monitor
        size = MachineSize(memoryMiB: spec.memory.sizeMiB, processors: spec.processors.count)
    }

    func grow(to wanted: MachineSize) async throws(MachineError) -> MachineSize {
        let before = size
        do throws(QMPError) {
            try await addProcessors(min(wanted.processors, spec.processors.maximum) - size.processors)
            try await addMemory(wanted.memoryMiB - size.memoryMiB)
        } catch {
            throw .growth(machine: spec.name, cause: error)
        }
        return MachineSize(memoryMiB: size.memoryMiB - before.memoryMiB, processors: size.processors - before.processors)
    }

    private func addProcessors(_ count: Int) async throws(QMPError) {
        guard count > 0 else { return }
        let slots = try await monitor.execute("query-hotpluggable-cpus").array ?? []
        // One that is there has a path in QEMU's object model; QEMU lists the last first.
        let free = slots.filter { $0["qom-path"] == nil }.reversed().prefix(count)
        for slot in free {
            guard let type = slot["type"]?.string, let place = slot["props"]?.object else { continue }
            let numbers = place.compactMap { member in member.value.integer.map { (member.key, $0) } }
            try await monitor.execute("device_add", DeviceArguments(type, id: "cpu\(size.processors)", numbers: numbers))
            size.processors += 1
        }
    }

    private func addMemory(_ mebibytes: Int) async throws(QMPError) {
        guard mebibytes > 0, let growth = spec.memory.growth, modules < growth.slots else { return }
        let room = (growth.maximumMiB - size.memoryMiB) / Self.blockMiB
        let blocks = min(room, (mebibytes - 1) / Self.blockMiB + 1)
        guard blocks > 0 else { return }
        let name = "module\(modules)"
        try await monitor.execute(
            "object-add",
            ObjectArguments(
                type: spec.memoryBackend, id: "ram-" + name, size: Int64(blocks * Self.blockMiB) << 20, share: spec.sharesMemory))
        try await monitor.execute("device_add", DeviceArguments("pc-dimm", id: name, texts: [("memdev", "ram-" + name)]))
        modules += 1
        size.memoryMiB += blocks * Self.blockMiB
    }
}

/// Of `object-add`.
private struct ObjectArguments: Encodable, Sendable {
    let type: String
    let id: String
    /// Bytes.
    let size: Int64
    let share: Bool

    enum CodingKeys: String, CodingKey {
        case type = "qom-type"
        case id
        case size
        case share
    }
}

/// Of `device_add`: properties depend on the device.
struct DeviceArguments: Encodable, Sendable {
    let texts: [(name: String, value: String)]
    let numbers: [(name: String, value: Int64)]

    init(_ driver: String, id: String, texts: [(String, String)] = [], numbers: [(String, Int64)] = []) {
        self.texts = [("driver", driver), ("id", id)] + texts
        self.numbers = numbers
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ text: String) { stringValue = text }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (name, value) in texts { try container.encode(value, forKey: Name(name)) }
        for (name, value) in numbers { try container.encode(value, forKey: Name(name)) }
    }
}
