// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataOCI
internal import KataSystem
internal import KataText
internal import KataWire

package struct Ps: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "List the processes of a container.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    @ParentCommand private var parent: KataRuntimeCommand

    @Option(name: [.short, .long], help: "table of the guest's processes, or json: the pids of the host that stand for them.")
    var format = Format.table

    @Argument(help: "Name of the container.")
    var id: String

    @Argument(parsing: .captureForPassthrough, help: "Accepted as runc's options of ps(1); the columns are fixed.")
    var options: [String] = []

    package init() {}

    package func run() throws {
        let (client, id) = try ShimClient.of(id, parent, act: "list the processes of") { $0 != .stopped && $0 != .creating }
        let answer = try waitFor { try await client.tasks.processes(.with { $0.id = id.rawValue }) }
        switch format {
        case .json: write(String(decoding: try encodeJSON(answer.hostPids, pretty: false), as: UTF8.self) + "\n", to: STDOUT_FILENO)
        case .table: write(Self.table(answer.guestProcesses), to: STDOUT_FILENO)
        }
    }

    /// ps(1)'s columns that mean something here; pids are the container's own.
    static func table(_ processes: [WireGuestProcess]) -> String {
        let rows =
            [["UID", "PID", "PPID", "TTY", "TIME", "CMD"]]
            + processes.map { process in
                let seconds = process.cpuMilliseconds / 1000
                let time = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
                // Majors from 136 on are pseudo-terminals (kernel: admin-guide/devices).
                let terminal = process.terminal >> 8 == 136 ? "pts/\(process.terminal & 0xff)" : "?"
                return ["\(process.uid)", "\(process.pid)", "\(process.parentPid)", terminal, time, process.command]
            }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count + 2) }.joined() + row[5] + "\n"
        }.joined()
    }
}
