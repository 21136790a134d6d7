// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Compat

struct DialectsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dialects", abstract: "List the old configuration formats that can be read.")

    func run() throws {
        for dialect in Registry.dialects {
            try StandardStream.output.write("\(dialect.id)  \(dialect.title), releases \(dialect.releases.title)\n")
            for path in dialect.searchPaths { try StandardStream.output.write("    \(path)\n") }
        }
    }
}
