// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
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
        let created = try abort.guarding { try launch.create(.ofThisProcess()) }
        options.show(created.notices)
        do {
            try options.writePID(created.stub.pid)
        } catch {
            try ContainerEnd(root: launch.context.stateRoot, id: launch.id).delete(force: true)
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

    @Argument(help: "Name of the container, unique on the host.")
    var id: String

    func launch(_ parent: KataRuntimeCommand) throws -> ContainerLaunch {
        guard geteuid() == 0 else { throw PrivilegeError.notRoot }
        return ContainerLaunch(context: try parent.context, id: try ContainerID(id), bundle: try absolute(bundle))
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

extension WorkloadStdio {
    /// 0, 1 and 2 of this process.
    static func ofThisProcess() throws(SystemError) -> WorkloadStdio {
        func copy(_ number: CInt) throws(SystemError) -> SharedFD {
            let borrowed = OwnedFD(adopting: number)
            do throws(SystemError) {
                let copy = SharedFD(try borrowed.duplicate())
                _ = borrowed.release()
                return copy
            } catch {
                _ = borrowed.release()
                throw error
            }
        }
        return WorkloadStdio(input: try copy(STDIN_FILENO), output: try copy(STDOUT_FILENO), error: try copy(STDERR_FILENO))
    }
}
