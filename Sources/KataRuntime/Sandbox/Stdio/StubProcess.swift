// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
package import SystemPackage

/// The process that an engine takes for the workload: it has the workload's place in the process tree, forwards signals
/// and ends with the workload's status. It carries no bytes of the workload.
///
/// The socket to the shim carries one byte per signal towards the shim, and four bytes, the exit status in little-endian
/// order, back. End of file without a status means that the shim is gone: the stub then ends as if killed.
package enum StubProcess {
    /// argv[0] of the program that runs as a stub.
    package static let name = "kata-stub"
    /// The socket's number in the stub.
    package static let socketNumber: CInt = 3
    static let statusOfALostShim: Int32 = 137

    /// Every signal that can be taken and that a workload may want to see (signal(7)).
    static let forwarded: [CInt] = [
        SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGCONT, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU, SIGALRM, SIGPIPE, SIGURG, SIGIO,
        SIGPWR,
    ]

    /// The stub's whole life; returns its exit status. Runs before any thread exists.
    package static func main() -> Int32 {
        let socket = OwnedFD(adopting: socketNumber)
        do throws(SystemError) {
            // The size of a workload's terminal is announced to the session that has it.
            if isatty(STDIN_FILENO) == 1 { try Terminal.control(STDIN_FILENO) }
            let signals = try SignalQueue(forwarded)
            while true {
                let ready = try waitReadable([socket.raw, signals.descriptor.raw])
                if ready[0] { return try status(socket.read(upTo: 4)) }
                if ready[1] { try socket.writeAll([UInt8(truncatingIfNeeded: signals.next())]) }
            }
        } catch {
            return statusOfALostShim
        }
    }

    static func status(_ bytes: [UInt8]) -> Int32 {
        guard bytes.count == 4 else { return statusOfALostShim }
        return bytes.enumerated().reduce(Int32(0)) { $0 | Int32($1.element) << Int32($1.offset * 8) }
    }

    static func message(_ status: Int32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: status >> ($0 * 8)) }
    }

    /// Starts a stub; the returned socket goes to the shim.
    package static func spawn(executable: FilePath, inheriting standard: [CInt: SharedFD] = [:]) throws(SystemError) -> (
        child: ChildProcess, shimEnd: SharedFD
    ) {
        let ends = try OwnedFD.socketPair().split { (SharedFD($0), SharedFD($1)) }
        var descriptors = standard
        descriptors[socketNumber] = ends.1
        let child = try Subprocess(program: executable, arguments: [name], environment: [], descriptors: descriptors, newSession: true)
            .spawn()
        return (child, ends.0)
    }
}
