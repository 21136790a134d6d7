// SPDX-License-Identifier: Apache-2.0

package import KataConfig
package import KataSystem

/// How one interface of a container's network namespace is to reach the VM.
package struct EndpointPlan: Sendable, Hashable {
    package enum Connection: Sendable, Hashable {
        /// Frames are redirected both ways between it and a TAP device: any device with Ethernet frames.
        case redirection
        /// A macvtap device on top of it.
        case macvtap
        /// It is a macvtap device itself.
        case own
    }

    package let link: NetworkLink
    package let connection: Connection

    /// Ends the names of devices that the runtime makes.
    package static let suffix = "_kata"

    /// What a shim that is no more has left behind.
    package static func abandoned(among links: [NetworkLink], isAlive: (ProcessIdentity) -> Bool = \.isAlive) -> [NetworkLink] {
        links.filter { link in
            guard link.name.hasSuffix(suffix), let owner = DeviceOwner(alias: link.alias) else { return false }
            return !isAlive(owner.process)
        }
    }

    /// The interfaces that the VM gets. Left out are what a namespace has of its own, and ports of a bridge or bond, whose frames are their
    /// master's.
    package static func all(of links: [NetworkLink], _ model: InternetworkingModel) throws(SandboxError) -> [EndpointPlan] {
        guard model != .none else { return [] }
        if let other = links.first(where: { $0.name.hasSuffix(suffix) }) { throw .networkInUse(other.name) }
        var plans: [EndpointPlan] = []
        for link in links where !link.isLoopback && link.master == 0 {
            guard link.isEthernet else {
                // Kernels make devices for tunnels in every namespace; one that is down is of no use to anybody.
                if !link.isUp { continue }
                throw .unusableInterface(link.name, "it carries packets without Ethernet frames; use a tap device in place of tun")
            }
            if link.kind == "ipvlan", link.mode != 0 {
                throw .unusableInterface(link.name, "ipvlan answers for the guest's addresses in mode l2 only; set ipvlan_mode=l2")
            }
            if let twin = plans.first(where: { $0.link.address == link.address }) {
                throw .unusableInterface(
                    link.name, "it has the link-layer address of '\(twin.link.name)', by which the guest tells interfaces apart")
            }
            plans.append(EndpointPlan(link: link, connection: connection(link, model)))
        }
        return plans
    }

    /// What lies on top of another device of the host cannot carry a macvtap device that takes all of its frames.
    private static func connection(_ link: NetworkLink, _ model: InternetworkingModel) -> Connection {
        if link.kind == "macvtap" { return .own }
        return model == .macvtap && !["macvlan", "ipvlan", "tun", "bridge"].contains(link.kind) ? .macvtap : .redirection
    }
}
