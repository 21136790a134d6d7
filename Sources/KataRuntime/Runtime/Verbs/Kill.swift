// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import KataOCI
internal import KataSystem
internal import KataWire

package struct Kill: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Send a signal to a container's process.")

    @ParentCommand private var parent: KataRuntimeCommand

    @Flag(name: [.short, .long], help: "Send it to every process of the container.")
    var all = false

    @Argument(help: "Name of the container.")
    var id: String

    @Argument(help: "Name or number of the signal.")
    var signal = "SIGTERM"

    package init() {}

    package func run() throws {
        let number = try SignalName.number(signal)
        let (client, id) = try ShimClient.of(id, parent, act: "kill") { [.created, .running, .paused].contains($0) }
        _ = try waitFor { [all] in
            try await client.tasks.kill(
                .with {
                    $0.id = id.rawValue
                    $0.signal = UInt32(number)
                    $0.all = all
                })
        }
    }
}
