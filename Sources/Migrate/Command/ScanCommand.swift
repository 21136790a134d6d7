// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Migrate

struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "List what of an old runtime there is on a host. Changes nothing.")

    @OptionGroup var host: HostOptions

    @OptionGroup var output: OutputOptions

    func run() throws {
        let scan = try host.scan()
        try output.write(text: scan.text, json: scan.json)
    }
}
