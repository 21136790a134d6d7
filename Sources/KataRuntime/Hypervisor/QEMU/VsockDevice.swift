// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// The host's half of vhost-vsock (vsock(7)).
enum VsockDevice {
    static let path: FilePath = "/dev/vhost-vsock"

    /// Opens the device under a context id, which stays ours as long as the descriptor is open.
    static func reserve(_ contextID: UInt32) throws(MachineError) -> OwnedFD {
        do throws(SystemError) {
            let device = try OwnedFD.open(path, O_RDWR)
            try syscall("VHOST_VSOCK_SET_GUEST_CID", "\(contextID)") { cl_vhost_vsock_set_context(device.raw, UInt64(contextID)) }
            return device
        } catch {
            throw .unusablePart(.vsock, path, cause: error)
        }
    }

    /// Blocks until the guest accepts a connection; nil when `isOver` says so before.
    static func connect(_ contextID: UInt32, port: UInt32, until isOver: () -> Bool) -> OwnedFD? {
        while !isOver() {
            // A guest that boots resets connections; one without its driver yet lets them time out.
            if let raw = try? syscall("connect vsock", "\(contextID):\(port)", { cl_vsock_connect(contextID, port, 200) }) {
                return OwnedFD(adopting: raw)
            }
            usleep(10_000)
        }
        return nil
    }
}

extension AgentTransport {
    /// vhost-vsock under an unused context id where this host has it, else virtio-serial.
    public static func preferred() -> AgentTransport {
        guard FileSystem.exists(VsockDevice.path) else { return .serial }
        // Ids are shared by the whole host and nobody lists them: try some.
        for _ in 0..<16 {
            let candidate = UInt32.random(in: 1024..<UInt32.max)
            if (try? VsockDevice.reserve(candidate)) != nil { return .vsock(contextID: candidate) }
        }
        return .serial
    }
}
