// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSandbox
internal import KataSystem
internal import SystemPackage

/// The descriptors of a new workload, and those that its stub needs.
struct WorkloadConsole: Sendable {
    let stdio: WorkloadStdio
    /// The stub leads the session of a terminal that was made for the workload.
    let stub: [CInt: SharedFD]

    /// The standard streams of this process.
    static func inherited() throws(SystemError) -> WorkloadConsole { WorkloadConsole(stdio: try .ofThisProcess(), stub: [:]) }

    /// A new terminal, whose master goes to whoever listens at `socket`: one message with its path and the descriptor,
    /// as runc's `--console-socket` has it.
    static func new(for socket: FilePath) throws(SystemError) -> WorkloadConsole {
        let terminal = try Terminal.open()
        let connection = try UnixSocket.connect(socket)
        try UnixSocket.send(Array(terminal.path.string.utf8), descriptors: [terminal.master], on: connection)
        let stdio = WorkloadStdio(input: terminal.slave, output: terminal.slave, error: terminal.slave)
        return WorkloadConsole(stdio: stdio, stub: [STDIN_FILENO: terminal.slave])
    }
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
