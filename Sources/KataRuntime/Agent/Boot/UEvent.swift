// SPDX-License-Identifier: Apache-2.0

/// One message of the kernel's uevent multicast group: `action@path`, then `KEY=value` strings, each ended by NUL.
package struct UEvent: Sendable, Equatable {
    package let action: String
    package let devicePath: String
    package let properties: [String: String]

    /// nil for bytes that are no kernel uevent, such as those that udev sends.
    package init?(parsing bytes: some Collection<UInt8>) {
        let parts = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard let head = parts.first, let sign = head.firstIndex(of: "@") else { return nil }
        action = String(head[..<sign])
        devicePath = String(head[head.index(after: sign)...])
        guard !action.isEmpty, devicePath.hasPrefix("/") else { return nil }
        var properties: [String: String] = [:]
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: "=") else { continue }
            properties[String(part[..<equals])] = String(part[part.index(after: equals)...])
        }
        self.properties = properties
    }

    /// A virtio-serial port appeared or got its name.
    package var concernsVirtioPort: Bool { properties["SUBSYSTEM"] == "virtio-ports" }
}
