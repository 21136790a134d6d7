// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension RecordReading {
    mutating func network(_ file: Part, _ configuration: Part, _ layout: VirtcontainersLayout) -> LegacyNetwork {
        let endpoints = parts("Endpoints", of: file)
        return LegacyNetwork(
            namespace: path("NetNsPath", of: file), isNamespaceOwned: flag("NetNsCreated", of: file),
            interworking: interworking(configuration, endpoints, layout), interfaces: endpoints.map { interface($0) })
    }

    /// The number was given other meanings in 3.0.18, the first release to record it for the whole sandbox.
    private mutating func interworking(
        _ configuration: Part, _ endpoints: [Part], _ layout: VirtcontainersLayout
    ) -> LegacyNetwork.Interworking {
        typealias Model = LegacyNetwork.Interworking
        let models: [Model]
        let recorded: Int64?
        if let number = number("InterworkingModel", of: part("NetworkConfig", of: configuration)) {
            models = layout.format == .kata ? KataRecords.models(configuration.value) : [.byDefault, .bridged, .macvtap, .enlightened]
            recorded = number
        } else {
            models = [.bridged, .macvtap, .enlightened]
            recorded = endpoints.compactMap { number("NetInterworkingModel", of: pair(of: $0)) }.first
        }
        guard let recorded, let index = Int(exactly: recorded), models.indices.contains(index) else { return .unrecorded }
        return models[index]
    }

    /// Up to 3.0.7 an endpoint was what is its `Data` since.
    private mutating func pair(of endpoint: Part) -> Part? {
        part("NetPair", of: part("Data", of: endpoint)) ?? part("NetPair", of: endpoint)
    }

    mutating func interface(_ endpoint: Part) -> LegacyInterface {
        let data = part("Data", of: endpoint)
        guard let pair = pair(of: endpoint) else {
            return LegacyInterface(
                type: text("Type", of: endpoint) ?? "", name: text("IfaceName", of: data) ?? "",
                hardwareAddress: text("HardAddr", of: data) ?? "", tap: nil, bridge: nil, addresses: addresses(endpoint, data))
        }
        let (outer, tap) = (part("VirtIface", of: pair), part("TAPIface", of: pair))
        // The runtime gave the interface's own address to the guest, on the tap, and the interface another.
        let address = text("HardAddr", of: tap) ?? text("HardAddr", of: outer) ?? ""
        return LegacyInterface(
            type: text("Type", of: endpoint) ?? "virtual", name: text("Name", of: outer) ?? "", hardwareAddress: address,
            tap: text("Name", of: tap), bridge: text("Name", of: pair), addresses: addresses(endpoint, data))
    }

    /// In CIDR notation: up to 3.0.7 as text, since as address and mask.
    private mutating func addresses(_ endpoint: Part, _ data: Part?) -> [String] {
        let old = parts("ips", of: part("Properties", of: endpoint)).compactMap { text("address", of: $0) }
        if !old.isEmpty { return old }
        return parts("Addrs", of: part("EndpointProperties", of: data)).compactMap { address in
            guard let ip = text("IP", of: address) else { return nil }
            guard let mask = text("Mask", of: address), let length = prefixLength(ofMask: mask) else { return ip }
            return "\(ip)/\(length)"
        }
    }
}

/// The leading one bits of a network mask that Go wrote as base64; nil when it is no mask.
func prefixLength(ofMask text: String) -> Int? {
    guard text.utf8.count <= 24 else { return nil }
    var bits: [Bool] = []
    for letter in text.utf8.prefix(while: { $0 != UInt8(ascii: "=") }) {
        guard let value = sextet(letter) else { return nil }
        bits += (0..<6).reversed().map { value >> $0 & 1 == 1 }
    }
    let length = bits.prefix { $0 }.count
    let size = bits.count / 8 * 8
    return (size == 32 || size == 128) && !bits.dropFirst(length).contains(true) ? length : nil
}

private func sextet(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
