// SPDX-License-Identifier: Apache-2.0

package import KataOCI
package import KataWire

/// Of a block device of the host.
package struct DeviceNumber: Sendable, Hashable, CustomStringConvertible {
    package let major: Int64
    package let minor: Int64

    package init(major: Int64, minor: Int64) {
        self.major = major
        self.minor = minor
    }

    /// gnu_dev_major(3) and gnu_dev_minor(3).
    init(_ raw: UInt64) {
        major = Int64(raw >> 8 & 0xfff | raw >> 32 & ~0xfff)
        minor = Int64(raw & 0xff | raw >> 12 & 0xffff_ff00)
    }

    package var description: String { "\(major):\(minor)" }
}

extension LinuxBlockIO {
    /// Of the devices that it has limits for.
    package var devices: Set<DeviceNumber> {
        let throttles = [throttleReadBpsDevice, throttleWriteBpsDevice, throttleReadIOPSDevice, throttleWriteIOPSDevice]
        return Set(throttles.flatMap { $0 ?? [] }.map { DeviceNumber(major: $0.major, minor: $0.minor) })
            .union((weightDevice ?? []).map { DeviceNumber(major: $0.major, minor: $0.minor) })
    }

    package var hasLeafWeight: Bool { leafWeight ?? 0 != 0 || (weightDevice ?? []).contains { $0.leafWeight ?? 0 != 0 } }
}

extension WireLinuxBlockIO {
    /// Says which disks of the guest are meant.
    ///
    /// - Parameter disks: where the devices are plugged in.
    /// - Returns: devices that are no disks of the machine; limits of these are left out.
    @discardableResult
    package mutating func place(on disks: [DeviceNumber: String]) -> Set<DeviceNumber> {
        var strangers = Set<DeviceNumber>()
        func disk(_ major: Int64, _ minor: Int64) -> String? {
            let number = DeviceNumber(major: major, minor: minor)
            if disks[number] == nil { strangers.insert(number) }
            return disks[number]
        }
        func placed(_ limits: [WireLinuxThrottleDevice]) -> [WireLinuxThrottleDevice] {
            limits.compactMap { limit in
                guard let disk = disk(limit.major, limit.minor) else { return nil }
                var limit = limit
                limit.disk = disk
                return limit
            }
        }
        weightDevice = weightDevice.compactMap { weight in
            guard let disk = disk(weight.major, weight.minor) else { return nil }
            var weight = weight
            weight.disk = disk
            return weight
        }
        throttleReadBpsDevice = placed(throttleReadBpsDevice)
        throttleWriteBpsDevice = placed(throttleWriteBpsDevice)
        throttleReadIopsdevice = placed(throttleReadIopsdevice)
        throttleWriteIopsdevice = placed(throttleWriteIopsdevice)
        return strangers
    }
}
