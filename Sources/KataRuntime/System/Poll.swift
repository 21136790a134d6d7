// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Blocks until one of the descriptors is readable or hung up.
///
/// - Parameter timeoutMilliseconds: -1 waits for ever.
/// - Returns: for each descriptor whether it is ready; all false after the timeout.
public func waitReadable(_ descriptors: [CInt], timeoutMilliseconds: Int32 = -1) throws(SystemError) -> [Bool] {
    var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    try syscall("poll", "") { poll(&polled, nfds_t(polled.count), timeoutMilliseconds) }
    return polled.map { $0.revents != 0 }
}
