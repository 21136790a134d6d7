// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Migrate
internal import SystemPackage

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Say step by step how a host would be moved over. Changes nothing.")

    @OptionGroup var host: HostOptions

    @OptionGroup var planning: PlanningOptions

    @OptionGroup var output: OutputOptions

    @Flag(name: .customLong("detailed-exitcode"), help: "End with 2 when there is something to do, with 3 when the preflight blocks it.")
    var detailedExitCode = false

    func run() throws {
        let plan = planning.plan(try host.view())
        try output.write(text: plan.text, json: plan.json)
        guard detailedExitCode else { return }
        if plan.isBlocked { throw ExitCode.blocked }
        if !plan.steps.isEmpty { throw ExitCode.changesPending }
    }
}
