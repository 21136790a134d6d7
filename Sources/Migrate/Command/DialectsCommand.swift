// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Migrate

struct DialectsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dialects", abstract: "List the formats that can be read and written.")

    @Option(help: "How to print it.")
    var format = ReportFormat.text

    func run() throws {
        try StandardStream.output.write(format == .json ? FormatList.json : FormatList.text)
    }
}
