// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import KataOCI
internal import KataSystem
internal import KataWire

package struct Pause: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Stop the processes of a container where they are.")

    @ParentCommand private var parent: KataRuntimeCommand

    @Argument(help: "Name of the container.")
    var id: String

    package init() {}

    package func run() throws {
        let (client, id) = try ShimClient.of(id, parent, act: "pause") { $0 == .running }
        _ = try waitFor { try await client.tasks.pause(.with { $0.id = id.rawValue }) }
    }
}

package struct Resume: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Let the processes of a paused container go on.")

    @ParentCommand private var parent: KataRuntimeCommand

    @Argument(help: "Name of the container.")
    var id: String

    package init() {}

    package func run() throws {
        let (client, id) = try ShimClient.of(id, parent, act: "resume") { $0 == .paused }
        _ = try waitFor { try await client.tasks.resume(.with { $0.id = id.rawValue }) }
    }
}
