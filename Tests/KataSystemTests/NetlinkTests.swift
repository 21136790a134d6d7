// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import KataSystem

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

    @Test("a route is asked for beside others to its destination, with its metric")
    func metric() throws {
        let gateway = try #require(IPAddress("10.0.0.1"))
        let route = NetworkRoute(link: 7, destination: nil, prefixLength: 0, gateway: gateway, metric: 200)
        let message = RouteSocket.message(route).bytes
        // NLM_F_REQUEST, NLM_F_CREATE and NLM_F_APPEND: neither in place of another route nor only where there is none.
        #expect(Array(message[4..<8]) == [24, 0, 0x01, 0x0c])
        // rtmsg is 12 bytes; RTA_OIF, RTA_GATEWAY and RTA_PRIORITY follow.
        #expect(Array(message[28...]) == [8, 0, 4, 0, 7, 0, 0, 0] + [8, 0, 5, 0, 10, 0, 0, 1] + [8, 0, 6, 0, 200, 0, 0, 0])
        var usual = route
        usual.metric = 0
        #expect(RouteSocket.message(usual).bytes.count == message.count - 8, "the kernel's own metric where none is said")
        #expect(Array(RouteSocket.message(route, removing: true).bytes[4..<8]) == [25, 0, 0x01, 0])
    }
}
