// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataSystem
internal import KataText
package import SystemPackage

extension HostFacts {
    /// Facts that were saved beside a copied tree: processes.txt, mounts.txt, sockets.txt, units.txt, links.txt, cgroups.txt, hardware.txt.
    ///
    /// A file that is missing leaves its fact unknown; a line that cannot be read is reported and left out.
    /// - processes.txt: `PID PPID STARTTIME EXE ARGV...`, start in ticks after boot, blanks as `\040`, as in /proc/mounts;
    /// - mounts.txt: as /proc/mounts; sockets.txt: as /proc/net/unix;
    /// - units.txt: `UNIT STATE`, the state as `systemctl is-active` prints it;
    /// - links.txt: `NAME KIND [BRIDGE]`, the kind tap, bridge or other; cgroups.txt: `PID PATH`;
    /// - hardware.txt: `processors N` and `memory_mib N`.
    package static func saved(in directory: FilePath) -> HostFacts {
        var facts = HostFacts()
        facts.directory = directory
        facts.processes = facts.lines(of: "processes.txt", in: directory, parse: HostProcess.init(line:))
        facts.mounts = facts.lines(of: "mounts.txt", in: directory, parse: HostMount.init(line:))
        facts.sockets = facts.lines(of: "sockets.txt", in: directory, parse: SocketLine.init(line:))?.compactMap(\.path)
        if let units = facts.lines(of: "units.txt", in: directory, parse: UnitLine.init(line:)) {
            let known = Dictionary(units.map { ($0.name, $0.state) }, uniquingKeysWith: { _, last in last })
            facts.units = UnitStates(known: known, otherServices: .unknown)
        }
        facts.links = facts.lines(of: "links.txt", in: directory, parse: HostLink.init(line:))
        facts.cgroups = facts.lines(of: "cgroups.txt", in: directory, parse: ProcessCgroup.init(line:))
        if let sizes = facts.lines(of: "hardware.txt", in: directory, parse: SizeLine.init(line:)) {
            let known = Dictionary(sizes.map { ($0.name, $0.number) }, uniquingKeysWith: { _, last in last })
            if let processors = known["processors"], let memory = known["memory_mib"] {
                facts.hardware = LegacyMachine.Host(processors: processors, memoryMiB: memory)
            }
        }
        return facts
    }

    /// The parsed lines of one file; nil when the file is not there or cannot be read.
    private mutating func lines<Line>(of name: String, in directory: FilePath, parse: (String) -> Line?) -> [Line]? {
        let path = directory.appending(name)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(path)
        } catch {
            if error.errno != .noSuchFileOrDirectory { diagnostics.append(.unreadable(path, error)) }
            return nil
        }
        var result: [Line] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            if let parsed = parse(String(decoding: line, as: UTF8.self)) {
                result.append(parsed)
            } else {
                diagnostics.append(.malformedFact(path, line: index + 1))
            }
        }
        return result
    }
}

extension HostProcess {
    init?(line: String) {
        let fields = line.split(separator: " ").map(unescaped)
        guard fields.count >= 4, let pid = Int32(fields[0]), let parent = Int32(fields[1]), let start = UInt64(fields[2]) else {
            return nil
        }
        self.init(pid: pid, parent: parent, startTime: start, executable: FilePath(fields[3]), arguments: Array(fields[4...]))
    }
}

extension HostMount {
    init?(line: String) {
        let fields = line.split(separator: " ").map(unescaped)
        guard fields.count >= 3 else { return nil }
        self.init(source: fields[0], point: FilePath(fields[1]), type: fields[2])
    }
}

/// A line of /proc/net/unix; sockets without a name have no path.
struct SocketLine {
    let path: FilePath?

    init?(line: String) {
        let fields = line.split(separator: " ", maxSplits: 7)
        guard fields.count >= 7 else { return nil }
        // The header has words where sockets have numbers, and "@" begins an abstract name.
        path = fields.count == 8 && fields[7].hasPrefix("/") ? FilePath(String(fields[7])) : nil
    }
}

private struct SizeLine {
    let name: String
    let number: Int

    init?(line: String) {
        let fields = line.split(separator: " ")
        // 2^31 of either is more than any host has, and keeps what is computed of them within an integer.
        guard fields.count == 2, let number = Int(fields[1]), (1...(1 << 31)).contains(number) else { return nil }
        name = String(fields[0])
        self.number = number
    }
}

private struct UnitLine {
    let name: String
    let state: UnitStates.State

    init?(line: String) {
        let fields = line.split(separator: " ")
        guard fields.count == 2 else { return nil }
        name = String(fields[0])
        state = UnitStates.State(rawValue: String(fields[1])) ?? .unknown
    }
}

/// `\ooo` as the kernel writes it in /proc/mounts.
private func unescaped(_ field: Substring) -> String {
    guard field.contains("\\") else { return String(field) }
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
        let digits = rest.prefix(3)
        if byte == UInt8(ascii: "\\"), digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
            bytes.append(value)
            rest = rest.dropFirst(3)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
