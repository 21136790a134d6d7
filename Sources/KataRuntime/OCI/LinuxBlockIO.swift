// SPDX-License-Identifier: Apache-2.0

/// Shares and limits of block devices.
package struct LinuxBlockIO: Codable, Hashable, Sendable {
    package var weight: UInt16?
    package var leafWeight: UInt16?
    package var weightDevice: [LinuxWeightDevice]?
    package var throttleReadBpsDevice: [LinuxThrottleDevice]?
    package var throttleWriteBpsDevice: [LinuxThrottleDevice]?
    package var throttleReadIOPSDevice: [LinuxThrottleDevice]?
    package var throttleWriteIOPSDevice: [LinuxThrottleDevice]?

    package init(
        weight: UInt16? = nil, leafWeight: UInt16? = nil, weightDevice: [LinuxWeightDevice]? = nil,
        throttleReadBpsDevice: [LinuxThrottleDevice]? = nil, throttleWriteBpsDevice: [LinuxThrottleDevice]? = nil,
        throttleReadIOPSDevice: [LinuxThrottleDevice]? = nil, throttleWriteIOPSDevice: [LinuxThrottleDevice]? = nil
    ) {
        self.weight = weight
        self.leafWeight = leafWeight
        self.weightDevice = weightDevice
        self.throttleReadBpsDevice = throttleReadBpsDevice
        self.throttleWriteBpsDevice = throttleWriteBpsDevice
        self.throttleReadIOPSDevice = throttleReadIOPSDevice
        self.throttleWriteIOPSDevice = throttleWriteIOPSDevice
    }
}

/// The weight of one device.
package struct LinuxWeightDevice: Codable, Hashable, Sendable {
    package var major: Int64
    package var minor: Int64
    package var weight: UInt16?
    package var leafWeight: UInt16?

    package init(major: Int64, minor: Int64, weight: UInt16? = nil, leafWeight: UInt16? = nil) {
        self.major = major
        self.minor = minor
        self.weight = weight
        self.leafWeight = leafWeight
    }
}

/// The limit of one device.
package struct LinuxThrottleDevice: Codable, Hashable, Sendable {
    package var major: Int64
    package var minor: Int64
    /// Bytes or operations a second.
    package var rate: UInt64

    package init(major: Int64, minor: Int64, rate: UInt64) {
        self.major = major
        self.minor = minor
        self.rate = rate
    }
}
