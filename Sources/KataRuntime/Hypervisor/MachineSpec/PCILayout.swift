// SPDX-License-Identifier: Apache-2.0

/// Slots of the root complex `pcie.0`.
///
/// Every device has its own fixed slot, present or not: a template loads only into a machine with the same addresses,
/// and an absent device must not move the others. 06 is kept free for virtio-scsi.
enum PCILayout {
    static let serial = 0x02
    static let random = 0x03
    static let sharedDirectory = 0x04
    static let vsock = 0x05
    static let firstNetworkInterface = 0x07
    /// Up to slot 0b.
    static let maximumNetworkInterfaces = 5
    static let firstRootPort = 0x0c
    /// Up to slot 1b; the chipset has 1f, and bridge windows for more would not fit SeaBIOS' I/O space.
    static let maximumRootPorts = 16

    static func address(_ slot: Int) -> String {
        "bus=pcie.0,addr=0x" + String(slot, radix: 16)
    }
}
