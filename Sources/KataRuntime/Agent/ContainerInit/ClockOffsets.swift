// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// A time namespace (time_namespaces(7)): what its clocks are ahead of the guest's.
///
/// The offsets are for the children of who has unshared it, until somebody is in it.
package struct ClockOffsets: Sendable, Equatable {
    /// Lines of `timens_offsets`, by clock.
    private let lines: [String]

    /// - Parameter offsets: `seconds nanoseconds` by clock.
    package init(_ offsets: [String: String]) { lines = offsets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } }

    private var text: String { lines.joined(separator: "\n") }

    /// - Parameter byAgent: where the process has no right to write them itself, `write` does, after the first step.
    func steps(byAgent: Bool) -> (first: [ContainerStep], later: [ContainerStep]) {
        let write: [ContainerStep] = byAgent || lines.isEmpty ? [] : [.writeFile("/proc/self/timens_offsets", text)]
        return ([.unshare(namespaces: CL_NEW_TIME)], write + [.enterNamespace("/proc/self/ns/time_for_children", kind: CL_NEW_TIME)])
    }

    func write(of pid: Int32) throws(SystemError) {
        if !lines.isEmpty { try CgroupTree.write(text, to: FilePath("/proc/\(pid)/timens_offsets")) }
    }
}
