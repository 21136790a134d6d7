// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
package import SystemPackage

/// A process of a container, from proc(5).
package struct ProcessEntry: Sendable, Equatable {
    /// As the container counts them; a parent outside is 0.
    package var pid: Int32
    package var parent: Int32
    package var user: UInt32
    /// tty_nr.
    package var terminal: Int32
    package var processorMilliseconds: UInt64
    package var command: String
}

package enum ProcessTable {
    /// A process that ends meanwhile is left out.
    package static func entries(of pids: [Int32], proc: FilePath = "/proc") -> [ProcessEntry] {
        var found: [(entry: ProcessEntry, globalParent: Int32)] = []
        var inside: [Int32: Int32] = [:]
        for pid in pids {
            guard let (entry, parent) = try? read(proc.appending("\(pid)")) else { continue }  // it has ended
            inside[pid] = entry.pid
            found.append((entry, parent))
        }
        return found.map { entry, parent in
            var entry = entry
            entry.parent = inside[parent] ?? 0
            return entry
        }.sorted { $0.pid < $1.pid }
    }

    /// USER_HZ of every architecture that we run on.
    private static let ticksPerSecond: UInt64 = 100

    private static func read(_ directory: FilePath) throws -> (ProcessEntry, parent: Int32)? {
        let stat = String(decoding: try FileSystem.read(directory.appending("stat"), limit: 4096), as: UTF8.self)
        let status = String(decoding: try FileSystem.read(directory.appending("status"), limit: 1 << 16), as: UTF8.self)
        // The name is in parentheses and may hold any byte, a parenthesis too.
        guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        guard fields.count > 12 else { return nil }
        func words(_ key: String) -> [Substring] {
            let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") } ?? ""
            return Array(line.split(whereSeparator: \.isWhitespace).dropFirst())
        }
        guard let pid = words("NSpid").last.flatMap({ Int32($0) }), let user = words("Uid").dropFirst().first.flatMap({ UInt32($0) })
        else { return nil }
        let ticks = (UInt64(fields[11]) ?? 0) + (UInt64(fields[12]) ?? 0)
        var line = try FileSystem.read(directory.appending("cmdline"), limit: 4096)
        while line.last == 0 { line.removeLast() }
        let name = stat[stat.index(after: open)..<close]
        let command = line.isEmpty ? "[\(name)]" : String(decoding: line.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
        let entry = ProcessEntry(
            pid: pid, parent: 0, user: user, terminal: Int32(fields[4]) ?? 0,
            processorMilliseconds: ticks * 1000 / ticksPerSecond, command: command)
        return (entry, Int32(fields[1]) ?? 0)
    }
}
