// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// A disk of the guest that the host has plugged in.
struct BlockNode: Sendable, Hashable {
    let path: FilePath
    let major: Int64
    let minor: Int64

    private static let root: FilePath = "/sys/devices/pci0000:00"
    /// How long the kernel may take to find what QEMU has plugged in.
    private static let patience = Duration.seconds(10)

    /// - Parameter address: Kata's PCI path: the slot of the root port, a slash and the slot behind it, in hexadecimal digits.
    static func find(_ address: String) async throws -> BlockNode {
        let slots = address.split(separator: "/").map { UInt8($0, radix: 16) }
        guard slots.count == 2, let port = slots[0], let slot = slots[1] else {
            throw AgentFailure.invalid("find disk '\(address)': not a slot, a slash and a slot")
        }
        let directory = root.appending("0000:00:\(hexadecimal(port)).0")
        let news = try DeviceNews(patience: patience)
        var isInTime = true
        while true {
            if let node = try present(below: directory, slot: ":\(hexadecimal(slot)).0") { return node }
            guard isInTime else { throw AgentFailure.invalid("find disk '\(address)': it did not appear") }
            isInTime = try await news.next()
        }
    }

    /// The major numbers of the block devices that the guest's kernel has drivers for (proc(5), /proc/devices).
    static func drivers() throws(SystemError) -> Set<Int64> {
        let text = String(decoding: try FileSystem.read("/proc/devices", limit: 1 << 16), as: UTF8.self)
        let lines = text.split(separator: "\n").drop { $0 != "Block devices:" }.dropFirst()
        return Set(lines.compactMap { $0.split(separator: " ").first.flatMap { Int64($0) } })
    }

    private static func hexadecimal(_ slot: UInt8) -> String { (slot < 16 ? "0" : "") + String(slot, radix: 16) }

    /// Below the port there is the device, below that the one of virtio, and below that the disk.
    private static func present(below port: FilePath, slot: String) throws(SystemError) -> BlockNode? {
        func entries(_ path: FilePath, where isWanted: (String) -> Bool) throws(SystemError) -> [FilePath] {
            guard FileSystem.exists(path) else { return [] }
            return try FileSystem.list(path).filter(isWanted).map { path.appending($0) }
        }
        for device in try entries(port, where: { $0.hasSuffix(slot) }) {
            for virtio in try entries(device, where: { $0.hasPrefix("virtio") }) {
                for disk in try entries(virtio.appending("block"), where: { _ in true }) {
                    // The kernel shows a disk before its number, that before its node in devtmpfs, and that before it can be opened (ENXIO).
                    // Then it tells of it.
                    guard let bytes = try? FileSystem.read(disk.appending("dev"), limit: 64) else { continue }
                    let numbers = String(decoding: bytes, as: UTF8.self).split { $0 == ":" || $0 == "\n" }.compactMap { Int64($0) }
                    let path = FilePath("/dev").appending(disk.lastComponent?.string ?? "")
                    guard numbers.count == 2, (try? OwnedFD.open(path, O_RDONLY | O_NONBLOCK)) != nil else { continue }
                    return BlockNode(path: path, major: numbers[0], minor: numbers[1])
                }
            }
        }
        return nil
    }
}
