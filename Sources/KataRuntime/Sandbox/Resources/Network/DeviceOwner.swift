// SPDX-License-Identifier: Apache-2.0

package import KataSystem

/// The process that a network device was made for, written on the device: what the kernel keeps in a namespace when a shim is killed can
/// then be told from what a living one uses.
package struct DeviceOwner: Sendable, Hashable {
    package let process: ProcessIdentity

    private static let start = "kata-swift shim"

    package init(_ process: ProcessIdentity) { self.process = process }

    /// Nil for what we have not written.
    package init?(alias: String) {
        let words = alias.split(separator: " ")
        guard alias.hasPrefix(Self.start + " "), words.count == 5, let pid = Int32(words[2]), let ticks = UInt64(words[3]) else {
            return nil
        }
        process = ProcessIdentity(pid: pid, startTime: ticks, bootID: String(words[4]))
    }

    package var alias: String { "\(Self.start) \(process.pid) \(process.startTime) \(process.bootID)" }
}
