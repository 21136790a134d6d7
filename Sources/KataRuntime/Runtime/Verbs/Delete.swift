// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import KataOCI

package struct Delete: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Take a stopped container away.")

    @ParentCommand private var parent: KataRuntimeCommand

    @Flag(name: [.short, .long], help: "Kill it first if it runs, and clean up after it whatever happened to it.")
    var force = false

    @Argument(help: "Name of the container.")
    var id: String

    package init() {}

    package func run() throws {
        try ContainerEnd(root: try parent.context.stateRoot, id: try ContainerID(id), errors: parent.errors).delete(force: force)
    }
}
