// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KataSystem
internal import Migrate

/// The command without a verb: it only says what verbs there are.
struct KataMigrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kata-migrate",
        abstract: "Moves a host from old container runtimes to Kata: in one planned step that can be taken back.",
        discussion: "Only apply, rollback and forget change the host.",
        version: "kata-migrate 0.1.0",
        subcommands: [
            ScanCommand.self, PlanCommand.self, ApplyCommand.self, VerifyCommand.self, RollbackCommand.self, ForgetCommand.self,
            StatusCommand.self, ShowCommand.self, ReportCommand.self, ConvertCommand.self, CheckCommand.self, ExplainCommand.self,
            DiffCommand.self,
            DialectsCommand.self,
        ])

    /// Runs the verb of a command line and ends the process.
    static func run(_ arguments: [String]) -> Never {
        let command: any ParsableCommand
        do {
            command = try parseAsRoot(Array(arguments.dropFirst()))
        } catch {
            end(refusing: error)
        }
        do {
            var command = command
            try command.run()
            end(.done)
        } catch let code as ExitCode {
            end(code)
        } catch let error as MigrationError {
            end(.of(error), saying: "kata-migrate: \(errorChain(error))")
        } catch let error as any FaultyError {
            end(.failed, saying: "kata-migrate: \(errorChain(error))")
        } catch {
            end(refusing: error)
        }
    }

    /// Help and version are no failures; anything else that the parser throws is a wrong command line.
    private static func end(refusing error: any Error) -> Never {
        let message = fullMessage(for: error)
        guard exitCode(for: error).isSuccess else { end(.usage, saying: message) }
        do throws(SystemError) {
            try StandardStream.output.write(message + "\n")
            end(.done)
        } catch {
            end(.failed, saying: "kata-migrate: \(errorChain(error))")
        }
    }

    private static func end(_ code: ExitCode, saying message: String) -> Never {
        _ = try? StandardStream.error.write(message + "\n")  // there is nowhere else to say it; the status still tells
        end(code)
    }

    private static func end(_ code: ExitCode) -> Never {
        exit(withError: code)
    }
}

/// What the process ends with; the numbers are documented for scripts.
extension ExitCode {
    static let done = ExitCode(0)
    static let failed = ExitCode(1)
    static let usage = ExitCode(2)
    /// `plan --detailed-exitcode`: there is something to do. The same number as `usage`, as terraform has made customary.
    static let changesPending = ExitCode(2)
    static let blocked = ExitCode(3)
    static let interrupted = ExitCode(4)
    static let rolledBack = ExitCode(5)

    /// An operation that failed leaves a migration that can be gone on with.
    static func of(_ error: MigrationError) -> ExitCode {
        switch error {
        case .interrupted, .operation, .mounted, .changedMeanwhile: .interrupted
        case .refused: .blocked
        default: .failed
        }
    }
}
