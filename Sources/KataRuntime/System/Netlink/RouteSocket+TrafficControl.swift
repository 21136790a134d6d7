// SPDX-License-Identifier: Apache-2.0

/// Traffic control (tc(8)).
extension RouteSocket {
    private static let ingressHandle: UInt32 = 0xffff_0000
    private static let ingressParent: UInt32 = 0xffff_fff1

    /// Sends every frame that one device receives out of another one; the host's own network stack sees none of them.
    ///
    /// An ingress queue of before is replaced.
    public func redirect(from source: Int32, to target: Int32) throws(SystemError) {
        func control(_ type: UInt16, _ flags: UInt16, handle: UInt32, parent: UInt32, info: UInt32) -> RouteMessage {
            RouteMessage(
                type, flags: flags,
                fixed: rawBytes(UInt32(0)) + rawBytes(source) + rawBytes(handle) + rawBytes(parent) + rawBytes(info))
        }
        // RTM_DELQDISC; usually there is none.
        _ = try? change(control(37, 0, handle: Self.ingressHandle, parent: Self.ingressParent, info: 0), "remove ingress queue")
        var queue = control(
            36, RouteFlag.create | RouteFlag.exclusive, handle: Self.ingressHandle, parent: Self.ingressParent, info: 0)
        queue.add(1, text: "ingress")
        try change(queue, "add ingress queue of device \(source)")
        // Priority 1, every protocol (ETH_P_ALL in network order).
        var filter = control(
            44, RouteFlag.create | RouteFlag.exclusive, handle: 0, parent: Self.ingressHandle, info: 1 << 16 | UInt32(UInt16(3).bigEndian))
        filter.add(1, text: "u32")
        filter.nest(2) { options in
            // tc_u32_sel: terminal, with one key that is nothing but zeros and matches all.
            options.add(5, [1, 0, 1, 0] + [UInt8](repeating: 0, count: 12 + 16))
            options.nest(7) { actions in
                actions.nest(1) { action in
                    action.add(1, text: "mirred")
                    action.nest(2) { parameters in
                        // tc_mirred: index, capabilities, TC_ACT_STOLEN, two counts, TCA_EGRESS_REDIR, device.
                        let numbers: [Int32] = [0, 0, 4, 0, 0, 1, target]
                        parameters.add(2, numbers.flatMap { rawBytes($0) })
                    }
                }
            }
        }
        try change(filter, "redirect device \(source) to device \(target)")
    }
}
