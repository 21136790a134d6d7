// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// What the kernel says of devices that come and go, for those who wait for one.
///
/// It is opened before the first look for a device, so that none can come unseen in between.
struct DeviceNews: Sendable {
    private let socket: SharedFD
    private let end: ContinuousClock.Instant

    init(patience: Duration) throws(SystemError) {
        socket = SharedFD(OwnedFD(adopting: try syscall("socket", "uevents") { cl_uevent_socket() }))
        end = .now + patience
    }

    /// Waits for news of any device.
    ///
    /// - Returns: false when the time is up; whoever waits looks once more in either case.
    func next() async throws(SystemError) -> Bool {
        let left = ContinuousClock.now.duration(to: end)
        guard left > .zero else { return false }
        let milliseconds = Int32(clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1)
        return try await blocking("uevents") { [socket] in
            // A poll that fails has nothing to wait for.
            let isThere = (try? waitReadable([socket.raw], timeoutMilliseconds: milliseconds))?.first ?? false
            // EAGAIN ends the loop; ENOBUFS says that news were lost, and the next look is due in either case.
            while let bytes = try? socket.read(upTo: 8192), !bytes.isEmpty {}
            return isThere
        }
    }
}
