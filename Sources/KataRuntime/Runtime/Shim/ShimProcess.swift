// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataConfig
internal import KataHypervisor
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataText
internal import KataWire
internal import NIOPosix
internal import SystemPackage

/// The process that is a sandbox: it owns the VM, the way to the agent and all state of its containers.
package struct ShimProcess: Sendable {
    let launch: ShimLaunch
    let translateLegacy: ConfigurationLayers.LegacyTranslation

    /// The shim's whole life; returns its exit status. Runs before any thread exists.
    package static func main(
        arguments: [String], translateLegacy: @escaping ConfigurationLayers.LegacyTranslation
    ) -> Int32 {
        let greeting = SharedFD(OwnedFD(adopting: ShimLaunch.greetingNumber))
        do {
            signal(SIGPIPE, SIG_IGN)
            let signals = try SignalQueue([SIGTERM, SIGINT, SIGHUP])
            guard arguments.count == 2 else { throw ShimLaunchError.notAnOrder }
            let order = JSONDocument.parse(SourceText(path: "launch.json", bytes: Array(arguments[1].utf8)))
            guard let launch = try order.value?.decode(ShimLaunch.self) else { throw ShimLaunchError.notAnOrder }
            try Mounts.leaveNamespace()
            return try ShimProcess(launch: launch, translateLegacy: translateLegacy).run(greeting, signals)
        } catch {
            say(.failed(message: errorChain(error)), to: greeting)
            return 1
        }
    }

    private func run(_ greeting: SharedFD, _ signals: consuming SignalQueue) throws -> Int32 {
        var (configuration, file, notices) = try configuration()
        let accelerator = try HostAccelerator.decide(configuration.hypervisor.accelerator)
        if let warning = accelerator.warning { notices.append(warning) }
        let log = ShimLog(isDebug: configuration.runtime.debug)
        log.tell("configuration '\(file)', accelerator \(accelerator.accelerator.rawValue)")
        let directory = SandboxDirectory(FilePath(launch.sandbox))
        let place = Sandbox.Place(
            root: StateRoot(FilePath(launch.root)), directory: directory.path, shim: try ProcessIdentity.current())
        let timeline = Timeline(start: MonotonicInstant(nanoseconds: launch.startedNanoseconds))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let sandbox = Sandbox(
            place,
            boot: MachineBoot(
                configuration, configurationFile: file, accelerator: accelerator.accelerator, group: group),
            timeline: timeline)
        let finished = OneShot<Void>()
        let descriptors = DescriptorExchange()
        let server = TTRPCServer(group: group)
        server.register(
            tasks: TaskService(sandbox: sandbox, descriptors: descriptors, shim: place.shim, finished: finished, log: log))
        try descriptors.listen(directory.descriptorSocket)
        try waitFor { try await server.listen(unix: directory.serviceSocket) }
        try endOnSignal(signals, sandbox, finished)
        try endWithCreator(sandbox, finished)
        timeline.mark(.shimUp)
        Self.say(.ready(notices: notices), to: greeting)
        try waitFor {
            await finished.value
            await server.shutdown()
        }
        return 0
    }

    private func configuration() throws -> (KataConfiguration, FilePath, notices: [String]) {
        let outcome = ConfigurationLayers.load(
            path: launch.configuration.map { FilePath($0) }, legacyCall: launch.legacyCall, environment: Environment.variables(),
            translateLegacy: translateLegacy)
        guard let resolved = outcome.result.value, let file = outcome.file else {
            throw ConfigurationRefused(outcome)
        }
        return (resolved.configuration, file, ConfigurationNotices.lines(outcome))
    }

    private static func say(_ greeting: ShimGreeting, to pipe: SharedFD) {
        guard let line = try? encodeJSON(greeting, pretty: false) else { return }  // both cases are plain strings
        _ = try? pipe.writeAll(line + [UInt8(ascii: "\n")])  // the command left: nobody waits for the greeting
        pipe.withRaw { _ = dup2(STDIN_FILENO, $0) }  // closes our end; the number stays taken
    }

    /// A signal to the shim ends the sandbox in good order.
    private func endOnSignal(_ signals: consuming SignalQueue, _ sandbox: Sandbox, _ finished: OneShot<Void>) throws {
        let descriptor = SharedFD(signals.release())
        try startThread(name: "signals", stackKiB: 128) {
            _ = try? waitReadable([descriptor.raw])  // poll fails on no descriptor that is open
            Task {
                await sandbox.stop()
                finished.set(())
            }
        }
    }

    /// A command that dies before its container is there leaves nobody to ask for it.
    private func endWithCreator(_ sandbox: Sandbox, _ finished: OneShot<Void>) throws {
        let creator = launch.creator
        try startThread(name: "creator", stackKiB: 128) {
            ProcessEnd.wait(for: creator, milliseconds: -1)
            Task {
                guard await sandbox.isUnused else { return }
                await sandbox.stop()
                finished.set(())
            }
        }
    }
}

enum ShimLaunchError: FaultyError {
    case notAnOrder

    var fault: Fault { .bug }
    var description: String { "start a shim: '\(ShimLaunch.name)' is not a command for users, see kata-runtime --help" }
}
