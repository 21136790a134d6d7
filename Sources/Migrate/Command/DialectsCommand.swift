// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Migrate

struct DialectsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dialects", abstract: "List the formats that can be read and written.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        try output.write(text: FormatList.text, json: FormatList.json)
    }
}
