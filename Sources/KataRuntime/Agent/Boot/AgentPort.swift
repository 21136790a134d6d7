// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
internal import SystemPackage

/// The virtio-serial port on which the host speaks ttRPC.
package struct AgentPort: Sendable {
    package static let name = "agent.channel.0"

    /// Where the kernel lists the ports; each directory has the file `name`.
    private static let ports = FilePath("/sys/class/virtio-ports")

    /// Waits for the port to appear and for the host to be connected, then gives the open port.
    ///
    /// - Throws: ETIMEDOUT when one of both takes longer than `seconds`.
    package static func open(seconds: UInt64) throws(SystemError) -> OwnedFD {
        let deadline = cl_boot_time() + seconds * 1_000_000_000
        let device = try find(deadline: deadline)
        let port = try OwnedFD.open(device, O_RDWR | O_NONBLOCK)
        // The port reports POLLHUP as long as no host is connected, and poll(2) then returns at once.
        while true {
            var request = pollfd(fd: port.raw, events: Int16(POLLOUT), revents: 0)
            try syscall("poll", device.string) { poll(&request, 1, 100) }
            if Int32(request.revents) & POLLHUP == 0 && request.revents != 0 { return port }
            try refuse(after: deadline, device.string)
            usleep(2000)
        }
    }

    private static func find(deadline: UInt64) throws(SystemError) -> FilePath {
        // Opened before the first look, so that no port can appear unseen in between.
        let events = OwnedFD(adopting: try syscall("socket", "uevents") { cl_uevent_socket() })
        while true {
            if let device = try present() { return device }
            try refuse(after: deadline, name)
            var request = pollfd(fd: events.raw, events: Int16(POLLIN), revents: 0)
            try syscall("poll", "uevents") { poll(&request, 1, 100) }
            drain(events)
        }
    }

    private static func present() throws(SystemError) -> FilePath? {
        guard FileSystem.exists(ports) else { return nil }
        for entry in try FileSystem.list(ports) {
            // A port without a name file has not been named by the host yet.
            let file = ports.appending(entry).appending("name")
            guard FileSystem.exists(file) else { continue }
            let text = String(decoding: try FileSystem.read(file, limit: 4096), as: UTF8.self)
            if text.split(separator: "\n").first == name[...] { return FilePath("/dev").appending(entry) }
        }
        return nil
    }

    /// Returns at the first event of a port, or when there are no more.
    private static func drain(_ events: borrowing OwnedFD) {
        while true {
            // EAGAIN ends the loop; ENOBUFS says that events were lost, and the next look is due in either case.
            guard let bytes = try? events.read(upTo: 8192), !bytes.isEmpty else { return }
            if UEvent(parsing: bytes)?.concernsVirtioPort == true { return }
        }
    }

    private static func refuse(after deadline: UInt64, _ subject: String) throws(SystemError) {
        guard cl_boot_time() > deadline else { return }
        throw SystemError(call: "wait for the host on", subject: subject, errno: Errno(rawValue: ETIMEDOUT))
    }
}
