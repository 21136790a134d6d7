// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataWire

package struct Run: ParsableCommand {
    package static let configuration = CommandConfiguration(
        abstract: "Make a container, start it, wait for it and delete it.", aliases: [])

    @ParentCommand private var parent: KataRuntimeCommand
    @OptionGroup private var options: NewContainerOptions

    @Flag(name: [.short, .long], help: "Return as soon as the process runs.")
    var detach = false

    @Flag(help: "Keep the container after its process has ended.")
    var keep = false

    @Flag(help: "Accepted as runc's: no process of the container is this host's.")
    var noSubreaper = false

    @Flag(help: "Say on stderr how long each stage took and what memory each process of the sandbox uses.")
    var report = false

    package init() {}

    package func run() throws {
        let launch = try options.launch(parent)
        let abort = try CreationAbort()
        let errors = parent.errors
        let end = ContainerEnd(root: launch.context.stateRoot, id: launch.id, errors: parent.errors)
        do {
            let (created, report) = try abort.guarding { [options, reports = self.report] in
                let created = try launch.create(try options.console())
                options.show(created.notices)
                for notice in created.notices { errors.append(notice, .warning) }
                do {
                    try options.writePID(created.stub.pid)
                    abort.keep()
                    _ = try waitFor { try await created.client.tasks.start(.with { $0.id = launch.id.rawValue }) }
                    let root = launch.context.stateRoot
                    let record = try root.record(launch.id)
                    HookRun.afterwards(record, root, "poststart", errors, HookRun.hooks(of: record, root)?.poststart)
                    return (created, reports ? try StartReport(created, launch.context.started) : nil)
                } catch {
                    try end.delete(force: true)
                    throw error
                }
            }
            if detach {
                report?.write()
                return
            }
            abort.hand(to: created.stub)
            // What is typed is for the workload's terminal, and no signal for this process.
            let raw = try options.rawTerminal(of: launch)
            defer { raw?.restore() }
            let status = try created.stub.wait().shellStatus
            report?.write()
            created.client.close()
            if !keep { try end.delete(force: false) }
            throw WorkloadStatus(status: status)
        } catch let signal as AbortedBySignal {
            try abort.takeBack(end)
            write("kata-runtime: \(signal)\n", to: STDERR_FILENO)
            throw WorkloadStatus(status: 128 + signal.number)
        }
    }
}
