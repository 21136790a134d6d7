// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
package import KataConfig
internal import KataSandbox
internal import KataSystem
internal import KataWire
internal import SystemPackage

/// `kata-runtime`: runc's command line, and Kata's.
package struct KataRuntimeCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "kata-runtime",
        abstract: "Runs OCI containers in virtual machines.",
        version: RuntimeVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Container Subcommands:",
                subcommands: [
                    Run.self, Create.self, Start.self, Exec.self, ExecGuest.self, State.self, List.self, Ps.self, Kill.self, Delete.self,
                    Pause.self,
                    Resume.self, Update.self, Events.self, SpecCommand.self, Features.self, Checkpoint.self, Restore.self,
                ]),
            CommandGroup(
                name: "Host Subcommands:", subcommands: [Check.self, Env.self, Config.self, Assets.self, Version.self]),
        ])

    @Option(help: "Directory of the containers' state.")
    var root: String = StateRoot.standard.string

    @Option(
        name: [.customLong("config"), .customLong("kata-config")],
        help: "Configuration file; else KATA_CONF_FILE, then /etc and /usr/share/defaults.")
    var config: String?

    @Option(help: .hidden)
    var legacyCall: String?

    @Option(help: "File that errors are appended to.")
    var log: String?

    @Option(help: "Format of the log file: text or json.")
    var logFormat: LogFormat = .text

    @Flag(help: "Accepted as runc's; what the guest says is set by enable_debug in the configuration.")
    var debug = false

    @Flag(help: "Have systemd make the container's cgroup, a scope named by cgroupsPath as slice:prefix:name.")
    var systemdCgroup = false

    @Option(help: "Accepted as runc's; checkpoint and restore, which it is for, are refused.")
    var criu: String?

    @Option(help: "Accepted as runc's; only root can run virtual machines here.")
    var rootless: Rootless = .auto

    /// Those of the options before the verb whose value is the next word.
    static let valuedOptions: Set = [
        "--root", "--config", "--kata-config", "--legacy-call", "--log", "--log-format", "--criu", "--rootless",
    ]

    package init() {}

    package mutating func validate() throws {
        if rootless == .yes { throw RootlessRefused.option }
    }

    /// Whether there is a configuration file where Kata looks for one.
    package static var hasConfiguration: Bool {
        ConfigurationSearch(path: nil, environment: Environment.variables()).findsFile
    }

    var errors: ErrorLog { ErrorLog(path: log.map { FilePath($0) }, format: logFormat) }

    var context: RuntimeContext {
        get throws {
            RuntimeContext(
                root: try absolute(root), configuration: try config.map { try absolute($0) }, legacyCall: legacyCall,
                started: CommandStart.instant, systemdCgroup: systemdCgroup)
        }
    }

    /// Reports why a command line cannot be run, where errors of this command line go; returns the exit status.
    package static func refuse(_ reason: String, arguments: [String]) -> Int32 {
        ErrorLog(arguments).report(reason)
        return 1
    }

    /// Prints what a command line asks for that needs no verb; returns the exit status.
    package static func answer(_ text: String) -> Int32 {
        print(text, terminator: "")
        return 0
    }

    /// runc's status of an `exec` that has no process to tell one of: programs rarely end with it.
    private static let execFailure: Int32 = 255

    /// Runs the verb; returns the exit status.
    package static func main(arguments: [String], translateLegacy: @escaping ConfigurationLayers.LegacyTranslation) -> Int32 {
        LegacyFiles.install(translateLegacy)
        let errors = ErrorLog(arguments)
        var failure: Int32 = 1
        do {
            try SpecCommand.refuseRootless(arguments)
            var command = try parseAsRoot(arguments)
            if command is Exec || command is ExecGuest { failure = execFailure }
            try command.run()
            return 0
        } catch let exit as WorkloadStatus {
            return exit.status
        } catch let refusal as TTRPCStatus {
            // The shim's own words; its code is for programs.
            errors.report(refusal.message)
            return failure
        } catch let error as any FaultyError {
            errors.report(errorChain(error))
            return failure
        } catch {
            let status = exitCode(for: error)
            // Help and --version are no failures.
            if status.isSuccess {
                print(fullMessage(for: error))
                return 0
            }
            if error is ExitCode { return status.rawValue }
            errors.report(fullMessage(for: error))
            return failure
        }
    }
}

/// runc's values of `--rootless`.
enum Rootless: String, ExpressibleByArgument, CaseIterable {
    case yes = "true"
    case no = "false"
    case auto
}

enum RootlessRefused: FaultyError {
    case option

    var fault: Fault { .user }

    var description: String {
        switch self {
        case .option: "--rootless: network devices and shared directories of a virtual machine need root"
        }
    }
}

/// A workload's exit status, which becomes the command's.
struct WorkloadStatus: Error {
    let status: Int32
}

/// The path from the root of the file system.
func absolute(_ path: String) throws -> FilePath {
    let given = FilePath(path)
    if given.isAbsolute { return given.lexicallyNormalized() }
    return try FileSystem.workingDirectory().pushing(given).lexicallyNormalized()
}
