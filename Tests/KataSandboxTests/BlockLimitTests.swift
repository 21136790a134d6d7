// SPDX-License-Identifier: Apache-2.0

import KataBundle
import KataOCI
import KataWire
import SystemPackage
import Testing

@testable import KataSandbox

@Suite struct BlockLimitTests {
    private static let limits = LinuxBlockIO(
        weight: 500, leafWeight: 10, weightDevice: [LinuxWeightDevice(major: 7, minor: 3, weight: 100)],
        throttleReadBpsDevice: [
            LinuxThrottleDevice(major: 7, minor: 3, rate: 1 << 20), LinuxThrottleDevice(major: 8, minor: 0, rate: 1 << 20),
        ],
        throttleWriteIOPSDevice: [LinuxThrottleDevice(major: 8, minor: 16, rate: 9)])

    @Test func limitsOfTheMachinesDisksNameThemAndOthersAreLeftOut() {
        var wire = WireLinuxResources(LinuxResources(blockIO: Self.limits)).blockIo
        let strangers = wire.place(on: [DeviceNumber(major: 7, minor: 3): "02/00"])
        #expect(strangers.map(\.description).sorted() == ["8:0", "8:16"])
        #expect(wire.weightDevice.map(\.disk) == ["02/00"] && wire.weightDevice.map(\.weight) == [100])
        #expect(wire.throttleReadBpsDevice.map(\.disk) == ["02/00"] && wire.throttleReadBpsDevice.map(\.rate) == [1 << 20])
        #expect(wire.throttleWriteIopsdevice.isEmpty)
        #expect(wire.weight == 500, "the weight of all is nobody's alone")
    }

    @Test func whatHasNoEffectIsToldOf() {
        let spec = Spec(ociVersion: "1.0.2", linux: LinuxSpec(resources: LinuxResources(blockIO: Self.limits)))
        let parts = Bundle(path: "/bundle", spec: spec, root: "/bundle/rootfs", document: []).unappliedParts
        for device in ["7:3", "8:0", "8:16"] { #expect(parts.contains { $0.contains("of device \(device) ") }, "\(parts)") }
        #expect(parts.contains { $0.hasPrefix("leaf weights") } && parts.count == 4, "\(parts)")
    }

    @Test(arguments: [(UInt64(0x703), "7:3"), (0x1_0000_0000_0010, "65536:16"), (0x0010_fe00, "254:256")])
    func aDeviceFileTellsItsNumbers(raw: UInt64, text: String) { #expect(DeviceNumber(raw).description == text) }
}
