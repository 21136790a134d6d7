// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import Synchronization
internal import SystemPackage

/// A process of a machine, QEMU or what serves it, that cannot outlive this one.
///
/// The kernel binds a parent death signal to the thread that forked, so one thread does nothing but fork it and wait
/// for its end.
final class MachineProcess: Sendable {
    /// Nil when it ended before it could be looked at.
    let identity: ProcessIdentity?
    let exit: Eventual<ExitStatus>
    private let descriptor: SharedFD

    private init(identity: ProcessIdentity?, exit: Eventual<ExitStatus>, descriptor: SharedFD) {
        self.identity = identity
        self.exit = exit
        self.descriptor = descriptor
    }

    deinit { kill() }

    /// Starts it.
    ///
    /// - Parameter descriptors: its ends of sockets and pipes by their numbers there; no reference to them is kept,
    ///   so that their other ends see when it closes them.
    static func spawn(
        arguments: [String], descriptors: [CInt: SharedFD]
    ) async throws(SystemError) -> MachineProcess {
        // An environment and a session of its own: what an engine put into ours is not its business, and a
        // terminal's interrupt is for those who end machines in order.
        let order = SpawnOrder(
            Subprocess(
                program: FilePath(arguments.first ?? ""), arguments: arguments,
                environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"], descriptors: descriptors,
                workingDirectory: "/", parentDeathSignal: SIGKILL, newSession: true))
        let outcome: Result<MachineProcess, SystemError> = await withCheckedContinuation { continuation in
            do throws(SystemError) {
                try startThread(name: "machine-life", stackKiB: 128) { live(order, continuation) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try outcome.get()
    }

    /// The whole life of the thread: it ends after the process.
    private static func live(
        _ order: SpawnOrder, _ continuation: CheckedContinuation<Result<MachineProcess, SystemError>, Never>
    ) {
        let exit = Eventual<ExitStatus>()
        let child: ChildProcess
        do throws(SystemError) {
            child = try order.take().spawn()
        } catch {
            return continuation.resume(returning: .failure(error))
        }
        do throws(SystemError) {
            // Opened before the child can be reaped, so it is the child's whatever happens to its number later.
            let descriptor = OwnedFD(adopting: try syscall("pidfd_open", "\(child.pid)") { cl_pidfd_open(child.pid) })
            let process = MachineProcess(identity: try child.identity(), exit: exit, descriptor: SharedFD(descriptor))
            continuation.resume(returning: .success(process))
        } catch {
            _ = try? child.signal(SIGKILL)  // it may have ended by itself
            continuation.resume(returning: .failure(error))
        }
        do throws(SystemError) {
            exit.set(try child.wait())
        } catch {
            // Only a process that reaps all children behind our back gets here; it is gone, its status too.
            exit.set(.signaled(SIGKILL))
        }
    }

    /// SIGKILL; nothing happens when it has ended already.
    func kill() {
        _ = descriptor.withRaw { cl_pidfd_send_signal($0, SIGKILL) }
    }
}

/// A subprocess to be started once, forgotten by then.
private final class SpawnOrder: Sendable {
    private let subprocess: Mutex<Subprocess?>

    init(_ subprocess: Subprocess) { self.subprocess = Mutex(subprocess) }

    func take() -> Subprocess {
        guard let taken = subprocess.withLock({ $0.take() }) else { preconditionFailure("a subprocess was started twice") }
        return taken
    }
}
