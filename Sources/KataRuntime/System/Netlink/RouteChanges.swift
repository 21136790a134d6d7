// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// News of devices, addresses and routes of the network namespace of the thread that made it (rtnetlink(7)).
public struct RouteChanges: Sendable {
    private let descriptor: SharedFD

    /// RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE.
    private static let groups: UInt32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400

    public init() throws(SystemError) {
        descriptor = SharedFD(OwnedFD(adopting: try syscall("bind", "route netlink") { cl_route_listener(Self.groups) }))
    }

    /// Blocks until something has changed, and then nothing more for a while. What it was is to be looked up: news can be lost.
    ///
    /// - Returns: false when there will be no more.
    public func waitForNext(quietMilliseconds: Int32) -> Bool {
        var limit: Int32 = -1
        while true {
            guard let ready = try? waitReadable([descriptor.raw], timeoutMilliseconds: limit) else { return false }
            if !ready[0] { return true }
            // ENOBUFS says that news were lost: there were some.
            _ = try? descriptor.read(upTo: 1 << 16)
            limit = quietMilliseconds
        }
    }
}
