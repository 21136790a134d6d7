// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// A network device of the host's own namespace.
package struct HostLink: Hashable, Sendable {
    package enum Kind: String, Sendable { case tap, bridge, other }

    package let name: String
    package let kind: Kind
    /// The bridge that it is a port of.
    package let bridge: String?

    package init(name: String, kind: Kind, bridge: String? = nil) {
        self.name = name
        self.kind = kind
        self.bridge = bridge
    }

    /// `NAME KIND [BRIDGE]`, a line of links.txt.
    init?(line: String) {
        let fields = line.split(separator: " ").map(String.init)
        guard (2...3).contains(fields.count), let kind = Kind(rawValue: fields[1]) else { return nil }
        self.init(name: fields[0], kind: kind, bridge: fields.count == 3 ? fields[2] : nil)
    }

    /// Those of the machine that we run on, from /sys/class/net.
    static func live() throws(SystemError) -> [HostLink] {
        let directory: FilePath = "/sys/class/net"
        var links: [HostLink] = []
        for name in try FileSystem.list(directory) {
            let place = directory.appending(name)
            let kind: Kind =
                FileSystem.exists(place.appending("tun_flags"))
                ? .tap : FileSystem.exists(place.appending("bridge")) ? .bridge : .other
            let bridge = (try? FileSystem.readLink(place.appending("master"))).map { FilePath($0) }  // most have none
            links.append(HostLink(name: name, kind: kind, bridge: bridge?.lastComponent?.string))
        }
        return links
    }
}

/// A device that an old system left in the host's own namespace. Clear Containers and Kata have theirs in the namespaces of sandboxes.
package struct LegacyLink: Hashable, Sendable {
    package let link: HostLink
    /// The system that it belongs to.
    package let system: String

    /// hyperd's bridge, what is plugged into it, and its taps, which are named for the first digits of their VM.
    static func found(among links: [HostLink]) -> [LegacyLink] {
        links.filter { link in
            switch link.kind {
            case .bridge: link.name == "hyper0"
            case .tap: link.bridge == "hyper0" || link.name.hasPrefix("vm-")
            case .other: link.bridge == "hyper0"
            }
        }.map { LegacyLink(link: $0, system: LegacySystem.hyperd.name) }
    }
}
