// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import CLinux
internal import KataConfig
internal import KataSystem
internal import KataText

package struct Config: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check, show and explain the configuration.",
        subcommands: [CheckConfig.self, Show.self, Explain.self])

    @ParentCommand fileprivate var parent: KataRuntimeCommand

    package init() {}

    fileprivate func load() throws -> ConfigurationLayers.Outcome {
        try parent.context.loadConfiguration()
    }
}

struct CheckConfig: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "check", abstract: "Report every problem of the configuration.")

    @ParentCommand private var parent: Config

    @Option(help: "text, json, sarif or junit.")
    var format = DiagnosticFormat.text

    func run() throws {
        let outcome = try parent.load()
        let report = render(outcome.result.diagnostics, sources: outcome.sources, as: format, tool: "kata-runtime")
        write(report, to: STDOUT_FILENO)
        if format == .text, outcome.result.diagnostics.isEmpty, let file = outcome.file {
            write("\(file): no problems\n", to: STDOUT_FILENO)
        }
        if outcome.result.diagnostics.contains(where: { $0.severity == .error }) { throw WorkloadStatus(status: 1) }
    }
}

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show each effective value and where it comes from.")

    @ParentCommand private var parent: Config

    @Option(help: "toml or json.")
    var format = ShowFormat.toml

    func run() throws {
        let outcome = try parent.load()
        guard let resolved = outcome.result.value else { throw ConfigurationRefused(outcome) }
        write(resolved.shown(as: format), to: STDOUT_FILENO)
    }
}

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "explain", abstract: "Say what a key means.")

    @Argument(help: "Name of the key, with or without its table.")
    var key: String

    func run() throws {
        guard let text = ConfigKey.explained(key) else { throw UnknownKey(name: key) }
        write(text, to: STDOUT_FILENO)
    }
}

struct UnknownKey: FaultyError {
    let name: String
    var fault: Fault { .user }
    var description: String { "explain '\(name)': no key has this name\(ConfigKey.suggestion(for: name))" }
}

extension DiagnosticFormat: ExpressibleByArgument {}
extension ShowFormat: ExpressibleByArgument {}
