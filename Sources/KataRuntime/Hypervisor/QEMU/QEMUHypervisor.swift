// SPDX-License-Identifier: Apache-2.0

public import KataSystem
public import SystemPackage

/// Runs machines with qemu-system.
public struct QEMUHypervisor: Hypervisor {
    /// How long QEMU may take until its devices exist; forty milliseconds are usual.
    public var startLimit: Duration
    /// The directory of what is remembered of this host.
    public var records: FilePath

    public init(startLimit: Duration = .seconds(10), records: FilePath = "/run/kata-swift") {
        self.startLimit = startLimit
        self.records = records
    }

    /// The name of the console's log in the sandbox directory.
    public static let consoleLogName = "console.log"

    public func start(_ spec: MachineSpec, taps: [SharedFD], directory: FilePath) async throws(MachineError) -> any Machine {
        let started = ContinuousClock.now
        try MachineParts.verify(spec)
        let log = try Self.openLog(directory)
        var emulatorEnds: [CInt: SharedFD] = [:]
        let ends = try HostEnds(spec, log: log, emulatorEnds: &emulatorEnds)
        for (index, tap) in taps.enumerated() { emulatorEnds[QEMUDescriptors.standard.firstTap + CInt(index)] = tap }
        let record = MachineRecord(name: spec.name, output: ends.output, started: started)
        var fileServer: MachineProcess?
        if let share = spec.sharedDirectory, let server = share.server, let errors = emulatorEnds[2] {
            let (process, connection) = try await FileServerProcess.start(
                server, sharing: share.path, errors: errors, directory: directory,
                record: FileServerRecord(path: records.appending("virtiofsd.json")))
            fileServer = process
            emulatorEnds[QEMUDescriptors.standard.share] = connection
        }
        let process: MachineProcess
        do throws(SystemError) {
            process = try await MachineProcess.spawn(arguments: spec.qemuArguments(), descriptors: emulatorEnds)
            emulatorEnds = [:]
            try ends.output.start()
        } catch {
            throw .spawn(spec.emulator, cause: error)
        }
        record.reach(.spawned)
        if let exit = fileServer?.exit {
            // A guest whose files are gone is of no use: it would wait for them for ever.
            Task { [weak process] in
                _ = await exit.wait()
                process?.kill()
            }
        }
        let monitor = QMPClient(ends.monitor)
        record.observe(monitor.events, until: process.exit)
        do throws(QMPError) {
            try await monitor.negotiate(timeout: startLimit)
            record.reach(.monitorReady)
            // The greeting comes before the devices; a command is answered after them.
            try await monitor.execute("query-status", timeout: startLimit)
            record.reach(.machineReady)
        } catch {
            throw await failure(error, process, record)
        }
        // Looked up while it was alive; nil would mean that it was dead and has answered nevertheless.
        guard let identity = process.identity else { throw await failure(.closed(command: "query-status"), process, record) }
        return QEMUMachine(
            spec: spec, process: process, fileServer: fileServer, identity: identity, monitor: monitor, record: record,
            agent: SocketOffer(ends.agent))
    }

    private static func openLog(_ directory: FilePath) throws(MachineError) -> ConsoleLog {
        do throws(SystemError) {
            return try ConsoleLog(directory.appending(consoleLogName))
        } catch {
            throw .directory(directory, cause: error)
        }
    }

    /// Returns when QEMU is gone.
    private func failure(_ error: QMPError, _ process: MachineProcess, _ record: MachineRecord) async -> MachineError {
        let outcome: MachineError
        switch error {
        case .cancelled: outcome = .cancelled(machine: record.name)
        case .timedOut: outcome = .failed(await record.failure(.monitorSilent(after: startLimit)))
        default: outcome = .failed(await record.failure(.endedAtStart))
        }
        process.kill()
        _ = await record.ended.wait()
        return outcome
    }
}
