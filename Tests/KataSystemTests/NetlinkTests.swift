// SPDX-License-Identifier: Apache-2.0

import KataSystem
import Testing

@Suite struct NetlinkTests {
    @Test("addresses are read and written as text", arguments: ["10.0.0.1", "255.255.255.255", "::1", "fd00::1:2", "fe80::1"])
    func text(address: String) throws { #expect(try #require(IPAddress(address)).description == address) }

    @Test("what is no address is none", arguments: ["", "10.0.0", "10.0.0.256", "::g", "10.0.0.1/8"])
    func refused(text: String) { #expect(IPAddress(text) == nil) }

    @Test("the kernel tells of its loopback device and its address")
    func loopback() throws {
        let socket = try RouteSocket()
        let link = try #require(try socket.links().first { $0.isLoopback })
        #expect(link.name == "lo")
        #expect(!link.isEthernet)
        let own = try socket.addresses().filter { $0.link == link.index }
        #expect(own.contains { $0.address == IPAddress("127.0.0.1") && $0.prefixLength == 8 })
        _ = try socket.routes()
        _ = try socket.neighbours()
    }

    @Test("a change of a device that is not there is refused by the kernel")
    func absent() throws {
        let socket = try RouteSocket()
        #expect(throws: SystemError.self) { try socket.set(link: .max, mtu: 1400, isUp: false) }
        #expect(!(try socket.links().isEmpty), "the socket is good for further requests")
    }
}
