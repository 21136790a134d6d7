// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// Processors and memory that were plugged into the guest (kernel: admin-guide/cputopology.rst, mm/memory-hotplug.rst).
enum PluggedResources {
    private static let devices: FilePath = "/sys/devices/system"
    /// How long the kernel may take to find what QEMU has announced.
    private static let patience: UInt64 = 10_000_000_000

    /// Takes into use what is there and not in use.
    ///
    /// - Parameters:
    ///   - processors: as many as were plugged in.
    ///   - waiting: whether for all of them to appear; the kernel takes memory into use by itself if it is told to.
    static func online(processors: Int, waiting: Bool, memory: Bool) async throws {
        let deadline = cl_boot_time() + patience
        var found = 0
        while true {
            found += try use("cpu", file: "online", unused: "0", used: "1")
            if memory { _ = try use("memory", file: "state", unused: "offline", used: "online") }
            guard waiting, found < processors else { return }
            guard cl_boot_time() < deadline else {
                throw SystemError(
                    call: "wait for", subject: "\(processors) processors, of which \(found) came", errno: .init(rawValue: ETIMEDOUT))
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// - Returns: how many were taken into use.
    private static func use(_ kind: String, file: String, unused: String, used: String) throws(SystemError) -> Int {
        let directory = devices.appending(kind)
        guard FileSystem.exists(directory) else { return 0 }  // a kernel that cannot plug
        var count = 0
        for name in try FileSystem.list(directory) where name.hasPrefix(kind) && name.dropFirst(kind.count).allSatisfy(\.isNumber) {
            let switchFile = directory.appending(name).appending(file)
            // The first processor has no switch.
            guard FileSystem.exists(switchFile) else { continue }
            guard try state(switchFile) == unused else { continue }
            do throws(SystemError) {
                try OwnedFD.open(switchFile, O_WRONLY).writeAll(Array(used.utf8))
            } catch {
                // The kernel may have taken it into use by itself meanwhile, which makes the request an error (EINVAL).
                guard try state(switchFile) == used else { throw error }
            }
            count += 1
        }
        return count
    }

    private static func state(_ file: FilePath) throws(SystemError) -> String? {
        String(decoding: try FileSystem.read(file, limit: 64), as: UTF8.self).split(separator: "\n").first.map(String.init)
    }
}
