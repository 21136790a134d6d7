// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// An address of the Internet Protocol, version 4 or 6, in network order.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16.
    public let bytes: [UInt8]

    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Dotted decimal, or RFC 5952.
    public init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes.prefix(4))
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    public var isVersion6: Bool { bytes.count == 16 }
    var family: UInt8 { isVersion6 ? UInt8(AF_INET6) : UInt8(AF_INET) }

    public var description: String {
        var text = [CChar](repeating: 0, count: 64)
        guard inet_ntop(Int32(family), bytes, &text, 64) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A network device.
public struct NetworkLink: Sendable, Hashable {
    public var index: Int32
    public var name: String
    /// ARPHRD_*.
    public var hardwareType: UInt16
    /// IFF_*.
    public var flags: UInt32
    public var mtu: UInt32
    /// The link-layer address, as ip(8) writes it.
    public var address: String
    /// `veth`, `macvlan` and so on; empty for a device of hardware.
    public var kind: String
    /// The device that it is a port of, such as a bridge; 0 for none.
    public var master: Int32 = 0
    /// IPVLAN_MODE_* of an ipvlan device: 0 is l2.
    public var mode: UInt16 = 0
    /// What somebody has written on it (ip-link(8), alias).
    public var alias = ""

    public init(
        index: Int32, name: String, hardwareType: UInt16 = 1, flags: UInt32 = 0, mtu: UInt32 = 1500, address: String = "",
        kind: String = "", master: Int32 = 0, mode: UInt16 = 0, alias: String = ""
    ) {
        self.index = index
        self.name = name
        self.hardwareType = hardwareType
        self.flags = flags
        self.mtu = mtu
        self.address = address
        self.kind = kind
        self.master = master
        self.mode = mode
        self.alias = alias
    }

    public var isUp: Bool { flags & 0x1 != 0 }
    public var isLoopback: Bool { flags & 0x8 != 0 }
    /// Whether frames of Ethernet come from it.
    public var isEthernet: Bool { hardwareType == 1 }
}

/// An address of a device.
public struct NetworkAddress: Sendable, Hashable {
    public var link: Int32
    public var address: IPAddress
    public var prefixLength: UInt8
    /// RT_SCOPE_*.
    public var scope: UInt8

    public init(link: Int32, address: IPAddress, prefixLength: UInt8, scope: UInt8 = 0) {
        self.link = link
        self.address = address
        self.prefixLength = prefixLength
        self.scope = scope
    }
}

/// A unicast route of the main table.
public struct NetworkRoute: Sendable, Hashable {
    public var link: Int32
    /// Nil for the default route.
    public var destination: IPAddress?
    public var prefixLength: UInt8
    public var gateway: IPAddress?
    public var source: IPAddress?
    /// RT_SCOPE_*.
    public var scope: UInt8
    /// RTNH_F_*.
    public var flags: UInt32
    public var isVersion6: Bool
    /// RTPROT_*: 2 is the kernel's own.
    public var origin: UInt8
    /// RTA_PRIORITY: the lower one of two to the same destination is taken.
    public var metric: UInt32

    public init(
        link: Int32, destination: IPAddress?, prefixLength: UInt8, gateway: IPAddress?, source: IPAddress? = nil, scope: UInt8 = 0,
        flags: UInt32 = 0, isVersion6: Bool = false, origin: UInt8 = 3, metric: UInt32 = 0
    ) {
        self.link = link
        self.destination = destination
        self.prefixLength = prefixLength
        self.gateway = gateway
        self.source = source
        self.scope = scope
        self.flags = flags
        self.isVersion6 = isVersion6
        self.origin = origin
        self.metric = metric
    }
}

/// A neighbour's link-layer address.
public struct NetworkNeighbour: Sendable, Hashable {
    public var link: Int32
    public var address: IPAddress
    /// As ip(8) writes it.
    public var linkAddress: String
    /// NUD_*.
    public var state: UInt16

    public init(link: Int32, address: IPAddress, linkAddress: String, state: UInt16) {
        self.link = link
        self.address = address
        self.linkAddress = linkAddress
        self.state = state
    }

    public static let permanent: UInt16 = 0x80
}

/// Link-layer addresses as text, two hexadecimal digits a byte.
enum LinkAddress {
    static func text(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }

    static func bytes(_ text: String) -> [UInt8]? {
        let bytes = text.split(separator: ":").compactMap { UInt8($0, radix: 16) }
        return bytes.count == 6 ? bytes : nil
    }
}
