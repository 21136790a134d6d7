// SPDX-License-Identifier: Apache-2.0

import KataConfig
import KataSystem
import Testing

@testable import KataSandbox

@Suite struct EndpointPlanTests {
    private static func link(
        _ name: String, _ kind: String, hardware: UInt16 = 1, flags: UInt32 = 1, master: Int32 = 0, mode: UInt16 = 0, address: UInt8 = 1
    ) -> NetworkLink {
        NetworkLink(
            index: Int32(address), name: name, hardwareType: hardware, flags: flags, address: "02:00:00:00:00:0\(address)", kind: kind,
            master: master, mode: mode)
    }

    private static let links = [
        link("lo", "", hardware: 772, flags: 0x9, address: 9), link("eth0", "veth"), link("mac0", "macvlan", address: 2),
        link("ip0", "ipvlan", address: 3), link("tap7", "tun", address: 4), link("mvt", "macvtap", address: 5),
        link("br0", "bridge", address: 6),
        link("port", "veth", master: 6, address: 7),
        link("sit0", "sit", hardware: 776, flags: 0, address: 8),
    ]

    @Test func aMacvtapDeviceIsPutWhereNoOtherLiesBelow() throws {
        let names = ["eth0", "mac0", "ip0", "tap7", "mvt", "br0"]
        let filtered = try EndpointPlan.all(of: Self.links, .tcfilter)
        #expect(filtered.map(\.link.name) == names)
        #expect(filtered.map(\.connection) == [.redirection, .redirection, .redirection, .redirection, .own, .redirection])
        let stacked = try EndpointPlan.all(of: Self.links, .macvtap)
        #expect(stacked.map(\.link.name) == names)
        #expect(stacked.map(\.connection) == [.macvtap, .redirection, .redirection, .redirection, .own, .redirection])
        #expect(try EndpointPlan.all(of: Self.links, .none) == [])
    }

    @Test func onlyWhatADeadShimHasWrittenItsNameOnIsAbandoned() {
        let dead = ProcessIdentity(pid: 7, startTime: 11, bootID: "boot"), living = ProcessIdentity(pid: 8, startTime: 12, bootID: "boot")
        func device(_ name: String, _ alias: String) -> NetworkLink { NetworkLink(index: 1, name: name, kind: "macvtap", alias: alias) }
        let links = [
            device("mvt2_kata", DeviceOwner(dead).alias), device("mvt3_kata", DeviceOwner(living).alias), device("mvt4_kata", ""),
            device("eth0", DeviceOwner(dead).alias), device("mvt5_kata", "kata-swift shim 7 x boot"),
        ]
        #expect(EndpointPlan.abandoned(among: links) { $0 == living }.map(\.name) == ["mvt2_kata"])
    }

    @Test(arguments: [
        ([link("tun0", "tun", hardware: 65534)], "without Ethernet frames"),
        ([link("ip0", "ipvlan", mode: 1)], "ipvlan_mode=l2"),
        ([link("ip0", "ipvlan"), link("ip1", "ipvlan")], "the link-layer address of 'ip0'"),
        ([link("tap0_kata", "tun")], "belongs to another virtual machine"),
    ])
    func whatAMachineCannotHaveIsRefused(links: [NetworkLink], words: String) throws {
        let error = #expect(throws: SandboxError.self) { try EndpointPlan.all(of: links, .tcfilter) }
        #expect(error?.description.contains(words) ?? false, "\(String(describing: error))")
    }
}
