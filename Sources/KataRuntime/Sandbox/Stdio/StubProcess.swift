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
    /// What it says first, when it is where it belongs; no signal has this number.
    private static let ready: UInt8 = 0
    static let statusOfALostShim: Int32 = 137

    /// Every signal that can be taken and that a workload may want to see (signal(7)).
    static let forwarded: [CInt] = [
        SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGCONT, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU, SIGALRM, SIGPIPE, SIGURG, SIGIO,
        SIGPWR,
    ]

    /// The stub's whole life; returns its exit status. Runs before any thread exists.
    ///
    /// - Parameter arguments: its own argv, with the `StubPlace` of a container after the name.
    package static func main(_ arguments: [String]) -> Int32 {
        let socket = OwnedFD(adopting: socketNumber)
        do throws(SystemError) {
            try StubPlace(arguments: Array(arguments.dropFirst()))?.enter()
        } catch {
            _ = try? socket.writeAll(Array("\(error)".utf8))  // whoever waits for it finds it gone then
            return statusOfALostShim
        }
        do throws(SystemError) {
            // The size of a workload's terminal is announced to the session that has it.
            if isatty(STDIN_FILENO) == 1 { try Terminal.control(STDIN_FILENO) }
            let signals = try SignalQueue(forwarded)
            try socket.writeAll([ready])
            while true {
                let ready = try waitReadable([socket.raw, signals.descriptor.raw])
                if ready[0] { return try status(socket.read(upTo: 4)) }
                if ready[1] { try socket.writeAll([UInt8(truncatingIfNeeded: signals.next())]) }
            }
        } catch {
            return statusOfALostShim
        }
    }

    /// Returns when a new stub is where it belongs.
    package static func awaitReady(_ shimEnd: SharedFD) throws {
        let first = try shimEnd.read(upTo: 1)
        guard first != [ready] else { return }
        throw StubFailure(problem: String(decoding: first + (try shimEnd.read(upTo: 4096)), as: UTF8.self))
    }

    static func status(_ bytes: [UInt8]) -> Int32 {
        guard bytes.count == 4 else { return statusOfALostShim }
        return bytes.enumerated().reduce(Int32(0)) { $0 | Int32($1.element) << Int32($1.offset * 8) }
    }

    static func message(_ status: Int32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: status >> ($0 * 8)) }
    }

    /// Starts a stub; the returned socket goes to the shim.
    package static func spawn(
        executable: FilePath, inheriting standard: [CInt: SharedFD] = [:], place: StubPlace? = nil
    ) throws(SystemError) -> (child: ChildProcess, shimEnd: SharedFD) {
        let ends = try OwnedFD.socketPair().split { (SharedFD($0), SharedFD($1)) }
        var descriptors = standard
        descriptors[socketNumber] = ends.1
        let child = try Subprocess(
            program: executable, arguments: [name] + (place?.arguments ?? []), environment: [], descriptors: descriptors, newSession: true
        ).spawn()
        return (child, ends.0)
    }
}

/// A stub that could not get to its place.
struct StubFailure: FaultyError {
    let problem: String
    var fault: Fault { .host }
    var description: String { "make the namespaces of the container: \(problem.isEmpty ? "its stub ended" : problem)" }
}
