// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataText

package struct List: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "List the containers below the root.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    @ParentCommand private var parent: KataRuntimeCommand

    @Option(name: [.short, .long], help: "table or json.")
    var format = Format.table

    @Flag(name: [.short, .long], help: "Ids only.")
    var quiet = false

    package init() {}

    package func run() throws {
        let (records, failures) = try parent.context.stateRoot.list()
        for failure in failures { write("kata-runtime: \(errorChain(failure))\n", to: STDERR_FILENO) }
        let states = try records.map { try $0.state() }
        switch (quiet, format) {
        case (true, _): write(states.map { "\($0.id)\n" }.joined(), to: STDOUT_FILENO)
        case (false, .json): write(String(decoding: try encodeJSON(states, pretty: false), as: UTF8.self) + "\n", to: STDOUT_FILENO)
        case (false, .table): write(Self.table(states), to: STDOUT_FILENO)
        }
    }

    /// runc's columns, each as wide as its widest cell.
    static func table(_ states: [ContainerState]) -> String {
        let header = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]
        let rows = [header] + states.map { [$0.id.rawValue, "\($0.pid)", $0.status.rawValue, $0.bundle, $0.created ?? "", $0.owner ?? ""] }
        let widths = header.indices.map { column in max(12, (rows.map { $0[column].count }.max() ?? 0) + 3) }
        return rows.map { row in
            let cells = row.indices.map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
            return String(cells.joined().reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
