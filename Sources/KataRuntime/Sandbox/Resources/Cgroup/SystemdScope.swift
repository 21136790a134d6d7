// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// A transient scope of systemd for a container (org.freedesktop.systemd1(5)), which ends with its last process.
package struct SystemdScope: Sendable, Hashable {
    package let slice: String
    package let unit: String

    /// - Parameter path: `slice:prefix:name`, as engines write a cgroup path for systemd; without a slice system.slice.
    package init(path: String) throws(SandboxError) {
        let parts = path.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !parts[2].isEmpty, !path.contains("/") else {
            throw .impossible("make the cgroup '\(path)' by systemd", "with --systemd-cgroup cgroupsPath is slice:prefix:name")
        }
        slice = parts[0].isEmpty ? "system.slice" : parts[0]
        unit = (parts[1].isEmpty ? "" : parts[1] + "-") + parts[2] + ".scope"
    }

    /// The scope's group, below the roots of the hierarchies; nil for a process that is in a group of other people's.
    ///
    /// - Parameter groups: text of /proc/PID/cgroup (cgroups(7)) of a process that was put into the scope.
    func path(in groups: String) -> String? {
        groups.split(separator: "\n").compactMap { line in
            // Hierarchy, controllers and path, which may have colons of its own.
            line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).dropFirst(2).first.map(String.init)
        }.first { FilePath($0).lastComponent?.string == unit }
    }

    private static let manager = "org.freedesktop.systemd1"

    /// Puts the processes into it, and returns when they are there.
    ///
    /// - Parameter address: DBUS_SYSTEM_BUS_ADDRESS, of a unix socket; nil for the usual one.
    package func start(_ processes: [Int32], address: String?) throws {
        let socket = Self.socket(address)
        do {
            var bus = try DBusConnection(socket)
            let (path, interface) = ("/org/freedesktop/systemd1", Self.manager + ".Manager")
            // Before the order, whose end may come before its answer.
            try bus.listen(to: interface)
            try bus.call(Self.manager, path, interface, "Subscribe")
            let job = try bus.call(
                Self.manager, path, interface, "StartTransientUnit", signature: "ssa(sv)a(sa(sv))", order(processes)
            ).first
            // Number, path, unit and result.
            let end = try bus.signal("JobRemoved") { $0.count == 4 && $0[1] == job }
            guard end[3] == "done" else { throw SystemdFailure.job(end[3]) }
        } catch {
            throw SystemdFailure.scope(unit, socket, error)
        }
    }

    private func order(_ processes: [Int32]) -> DBusBytes {
        var body = DBusBytes()
        body.add(unit)
        body.add("fail")
        body.array(alignedTo: 8) { list in
            list.property("Description", "s") { $0.add("kata-swift container \(unit)") }
            list.property("Slice", "s") { $0.add(slice) }
            list.property("Delegate", "b") { $0.add(true) }
            list.property("DefaultDependencies", "b") { $0.add(false) }
            list.property("PIDs", "au") { value in
                value.array(alignedTo: 4) { numbers in
                    for process in processes { numbers.add(UInt32(bitPattern: process)) }
                }
            }
        }
        body.array(alignedTo: 8) { _ in }
        return body
    }

    private static func socket(_ address: String?) -> FilePath {
        let words = (address ?? "").split(separator: ",")
        guard let path = words.first(where: { $0.hasPrefix("unix:path=") }) else { return "/run/dbus/system_bus_socket" }
        return FilePath(String(path.dropFirst(10)))
    }
}

enum SystemdFailure: FaultyError {
    case scope(String, FilePath, any Error)
    /// What systemd says of a job that has ended (org.freedesktop.systemd1(5), JobRemoved).
    case job(String)

    var fault: Fault { .host }

    var cause: (any Error)? {
        switch self {
        case .scope(_, _, let cause): cause
        case .job: nil
        }
    }

    var description: String {
        switch self {
        case .scope(let unit, let socket, _):
            "have systemd make '\(unit)' over '\(socket)' (where systemd does not run, set the engine's cgroup driver to cgroupfs)"
        case .job(let result): "the job ended with '\(result)'"
        }
    }
}
