// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

extension TicketPage {
    /// What a plan would do to its host, and what the host is before.
    package init(of plan: Plan) {
        title = "Migration \(plan.id)"
        let all: [Section?] = [
            Self.summary(of: plan), Self.preflight(of: plan), Self.decisions(of: plan), Self.interruptions(of: plan),
            Self.sandboxes(of: plan), Self.endings(of: plan), Self.steps(of: plan), Self.differences(of: plan),
        ]
        sections =
            all.compactMap(\.self) + Self.configuration(of: plan) + Self.inventory(of: plan.scan)
            + [Self.leftovers(of: plan), Self.wayBack(of: plan)].compactMap(\.self)
    }

    private static func summary(of plan: Plan) -> Section {
        let scan = plan.scan
        let old = scan.predecessor.map { "\($0.name)\($0.version.map { " (\($0))" } ?? "")" } ?? "nothing that is configured"
        let running = scan.sandboxes.count { $0.liveness != .stopped }
        let rows: [(String, Words)] = [
            ("host", .code(plan.root.string)), ("operating system", .text(scan.system?.name ?? "it does not say")),
            ("moved from", .text(old)), ("moved to", .code(plan.layout.runtime.string)),
            ("state", .text(plan.isBlocked ? "blocked, see below" : plan.steps.isEmpty ? "nothing to do" : "may be carried out")),
            ("steps", .text("\(plan.steps.count)")),
            ("sandboxes", .text("\(scan.sandboxes.count), of which \(running) run or may run")),
            ("what stops on the way", .text("\(plan.interruptions.count)")), ("carried out with", .code(plan.applyCommand)),
            ("taken back with", .code(plan.rollbackCommand)), ("backups", .code(plan.journal.appending("backup").string)),
        ]
        return Section(
            "Summary",
            [.table(head: ["", ""], rows: rows.map { Row([.text($0), $1], plan.isBlocked && $0 == "state" ? .bad : .plain) })])
    }

    private static func preflight(of plan: Plan) -> Section? {
        Section("Preflight", head: ["severity", "code", "where", "what"], plan.preflight.map(row))
    }

    static func row(_ diagnostic: Diagnostic) -> Row {
        let place = diagnostic.path.map { path in path.string + (diagnostic.range.map { ":\($0.start.line)" } ?? "") } ?? ""
        let words = ([diagnostic.message] + diagnostic.notes).joined(separator: "; ")
        let mark: Mark =
            switch diagnostic.severity {
            case .error: .bad
            case .warning: .notable
            case .note: .plain
            }
        return Row([.text(diagnostic.severity.rawValue), .code(diagnostic.code.rawValue), .code(place), .text(words)], mark)
    }

    private static func decisions(of plan: Plan) -> Section? {
        Section(
            "To be decided", head: ["sandbox", "question", "answer", "consequence"],
            plan.decisions.flatMap { decision in
                decision.answers.map { answer in
                    Row(
                        [
                            .code(decision.sandbox.rawValue), .text(decision.question), .code(answer.option), .text(answer.consequence),
                        ], .notable)
                }
            })
    }

    private static func interruptions(of plan: Plan) -> Section? {
        Section(
            "Interruptions and hazards",
            about: [
                """
                Steps are carried out one after the other. What is stopped has the grace period that its engine gives it, 10 seconds unless it was \
                told otherwise. The seconds count grace periods in full and a usual time for restarts; after the migration the same report says what was \
                measured.
                """
            ],
            head: ["what", "stops in step", "runs again", "up to some", "why"],
            plan.interruptions.map { interruption in
                let end =
                    switch interruption.end {
                    case .step(let number): "with step \(number)"
                    case .engine: "when its engine starts it"
                    case .open: "when somebody starts it"
                    }
                let step = plan.steps[interruption.begin - 1]
                return Row(
                    [
                        .text(interruption.what), .text("\(interruption.begin)"), .text(end),
                        .text(interruption.seconds.map { "\($0) s" } ?? "not known"), .text(step.reason),
                    ],
                    interruption.end == .open ? .bad : .notable)
            }
                + plan.steps.enumerated().flatMap { index, step in
                    step.hazards.compactMap { hazard in
                        guard case .restartsEngine(let engine) = hazard else { return nil }
                        return Row(
                            [
                                .text(engine.rawValue), .text("\(index + 1)"), "at once: it restarts", .text("\(Change.usualRestart) s"),
                                .text(step.reason),
                            ], .notable)
                    }
                })
    }

    private static func steps(of plan: Plan) -> Section? {
        Section(
            "Steps", head: ["", "step", "why", "hazard", "after", "changes"],
            plan.steps.enumerated().map { index, step in
                let hazard = step.hazards.map(\.title).joined(separator: "; ")
                let changes = step.changes.map(\.title).joined(separator: "; ")
                let numbers = step.after.compactMap { predecessor in plan.steps.firstIndex { $0.id == predecessor.step } }.map { $0 + 1 }
                return Row(
                    [
                        .text("\(index + 1)"), .text("\(step.kind.rawValue) \(step.object.abbreviated)"), .text(step.reason),
                        .text(hazard),
                        .text(numbers.count > 6 ? "\(numbers.count) steps" : numbers.map(String.init).joined(separator: ", ")),
                        .text(changes),
                    ], step.hazards.isEmpty ? .plain : .notable)
            })
    }

    private static func differences(of plan: Plan) -> Section? {
        let blocks = plan.steps.flatMap(\.changes).flatMap { change -> [Block] in
            guard case .replace(let path, let before, let after) = change else { return [] }
            return [.paragraph([.code(path.string)]), .lines(LineDifference(from: before, to: after).lines)]
        }
        return blocks.isEmpty ? nil : Section("Edited files", blocks)
    }

    private static func leftovers(of plan: Plan) -> Section? {
        Section("Left in place", head: ["what", "why"], plan.leftInPlace.map { Row([.text($0.what), .text($0.why)]) })
    }

    private static func wayBack(of plan: Plan) -> Section? {
        guard !plan.steps.isEmpty else { return nil }
        return Section(
            "The way back",
            [
                .lines([plan.rollbackCommand]),
                .paragraph([
                    "It gives back every byte, mode, owner, extended attribute, link and unit as it was. What was edited since is shown and not ",
                    "overwritten. What was stopped starts again with ", .code("--restart"), ". The backup is kept until ",
                    .code("kata-migrate forget"), ", which ends the way back.",
                ]),
            ])
    }
}

extension Plan {
    /// Where the host is, as the verbs take it.
    private var rootOption: String { root == "/" ? "" : " --root \(root.string.inShell)" }

    package var rollbackCommand: String { "kata-migrate rollback\(rootOption) \(id)" }

    /// With all that the plan was made of: another plan is refused.
    package var applyCommand: String {
        var command = "kata-migrate apply\(rootOption)"
        if let facts = scan.factsDirectory { command += " --host-facts \(facts.string.inShell)" }
        command += " --plan \(id)"
        if layout.prefix != TargetLayout().prefix { command += " --prefix \(layout.prefix.string.inShell)" }
        command += running.options.map { " --running \($0.inShell)" }.joined()
        return cleansStale ? command + " --clean-stale" : command
    }
}

extension String {
    /// As one word of a shell's command line.
    fileprivate var inShell: String {
        let plain = utf8.allSatisfy { byte in
            let lower = byte | 0x20
            return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") || byte >= UInt8(ascii: "+") && byte <= UInt8(ascii: "9")
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "=")
        }
        return plain && !isEmpty ? self : "'\(replacing("'", with: "'\\''"))'"
    }
}
