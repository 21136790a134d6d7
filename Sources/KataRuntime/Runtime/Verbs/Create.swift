// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataBundle
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import SystemPackage

package struct Create: ParsableCommand {
    package static let configuration = CommandConfiguration(
        abstract: "Make a container: its VM runs, its process waits for start.")

    @ParentCommand private var parent: KataRuntimeCommand
    @OptionGroup private var options: NewContainerOptions

    package init() {}

    package func run() throws {
        let launch = try options.launch(parent)
        let abort = try CreationAbort()
        let end = ContainerEnd(root: launch.context.stateRoot, id: launch.id, errors: parent.errors)
        let created: ContainerLaunch.Created
        do {
            created = try abort.guarding { [options] in try launch.create(try options.console()) }
        } catch let signal as AbortedBySignal {
            try abort.takeBack(end)
            throw signal
        }
        // Whoever calls `create` gives its standard error to the container, and shows it as the container's words.
        for notice in created.notices { parent.errors.append(notice, .warning) }
        do {
            try options.writePID(created.stub.pid)
        } catch {
            try end.delete(force: true)
            throw error
        }
    }
}

/// What `create` and `run` have in common.
struct NewContainerOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "Directory with config.json and the root file system.")
    var bundle = "."

    @Option(help: "File that the container's pid is written to.")
    var pidFile: String?

    @Option(help: "Unix socket that the master of a new terminal is sent to.")
    var consoleSocket: String?

    @Option(help: "Number of further descriptors to hand to the process; a virtual machine can take none but 0.")
    var preserveFds = 0

    @Flag(help: "Accepted as runc's: the guest's root is never the initramfs.")
    var noPivot = false

    @Flag(help: "Accepted as runc's: the guest has keyrings of its own.")
    var noNewKeyring = false

    @Argument(help: "Name of the container, unique on the host.")
    var id: String

    func launch(_ parent: KataRuntimeCommand) throws -> ContainerLaunch {
        guard geteuid() == 0 else { throw PrivilegeError.notRoot }
        guard preserveFds == 0 else { throw DescriptorError.notCarried(preserveFds) }
        return ContainerLaunch(context: try parent.context, id: try ContainerID(id), bundle: try absolute(bundle))
    }

    func console() throws -> WorkloadConsole {
        guard let consoleSocket else { return try .inherited() }
        return try .new(for: try absolute(consoleSocket))
    }

    /// This process's terminal, for a workload in the foreground that has no other.
    func rawTerminal(of launch: ContainerLaunch) throws -> RawTerminal? {
        guard consoleSocket == nil, try Bundle.load(launch.bundle).spec.process?.terminal ?? false else { return nil }
        return try RawTerminal(try WorkloadStdio.ofThisProcess().input)
    }

    func show(_ notices: [String]) {
        for notice in notices { write("kata-runtime: \(notice)\n", to: STDERR_FILENO) }
    }

    func writePID(_ pid: Int32) throws {
        guard let pidFile else { return }
        try AtomicFile.write(Array("\(pid)".utf8), to: try absolute(pidFile), mode: 0o644)
    }
}

enum PrivilegeError: FaultyError {
    case notRoot

    var fault: Fault { .user }
    var description: String { "run a container: root is needed for mounts and virtual machines, use sudo" }
}

enum DescriptorError: FaultyError {
    case notCarried(Int)

    var fault: Fault { .user }

    var description: String {
        switch self {
        case .notCarried(let count):
            "hand \(count) further descriptors to the container: open files of the host cannot enter a virtual machine"
        }
    }
}
