// SPDX-License-Identifier: Apache-2.0

internal import KataSystem

extension TicketPage {
    /// The page of the plan with what was done of it in front.
    init(of journal: Journal, plan page: TicketPage) {
        title = page.title
        let done = [Self.interruptions(of: journal), Self.tasks(of: journal)].compactMap(\.self)
        sections = [Self.outcome(of: journal)] + done + page.sections
    }

    private static func outcome(of journal: Journal) -> Section {
        let state = journal.state
        let operations = journal.undertaking.operations
        let settled = operations.indices.count { state.isSettled($0) && !state.undone.contains($0) }
        let verified = state.verified.map { $0 ? "everything was in order" : "something was not in order" } ?? "not yet"
        let began = state.started.map(\.rfc3339) ?? "not yet"
        let mark: Mark =
            switch (state.phase, state.verified) {
            case (.applied, false), (.applying, _), (.rollingBack, _): .bad
            case (.applied, true): .good
            default: .plain
            }
        let rows = [
            Row(["state", .text(state.phase.rawValue)], mark), Row(["begun", .text(began)]),
            Row(["operations that hold", .text("\(settled) of \(operations.count)")]),
            Row(["time at work", .text(Self.seconds(state.done.values.reduce(0, +)))]), Row(["verified", .text(verified)]),
        ]
        return Section("Outcome", [.table(head: ["", ""], rows: rows)])
    }

    private static func tasks(of journal: Journal) -> Section? {
        let state = journal.state
        var first = 0
        return Section(
            "What was done",
            about: ["What interrupted the run is part of the time since the first step, which nobody knows after a restart of the host."],
            head: ["", "step", "outcome", "took", "since the first"],
            journal.undertaking.tasks.enumerated().map { index, task in
                let numbers = first..<(first + task.operations.count)
                first = numbers.upperBound
                let (outcome, mark) = Self.outcome(of: numbers, state)
                let took = numbers.compactMap { state.done[$0] }.reduce(0, +)
                let all = 0..<numbers.upperBound
                let since = numbers.allSatisfy(state.isSettled) ? Self.span(from: all, through: all, state) : "not known"
                return Row([.text("\(index + 1)"), .text(task.title), .text(outcome), .text(seconds(took)), .text(since)], mark)
            })
    }

    /// How long what was stopped for the migration did not run, if the migration started it again.
    private static func interruptions(of journal: Journal) -> Section? {
        let tasks = journal.undertaking.tasks
        let bounds = tasks.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.operations.count) }
        let release = tasks.firstIndex { $0.id == Step.ID.kubeletRelease.rawValue }
        return Section(
            "Interruptions as measured", head: ["what", "stopped in step", "started in step", "not running for"],
            tasks.enumerated().compactMap { index, task in
                guard task.id.hasPrefix(Step.ID.drainPrefix) else { return nil }
                let name = task.id.dropFirst(Step.ID.drainPrefix.count)
                let isPod = task.operations.contains { if case .act(.stopPod) = $0 { true } else { false } }
                let end = tasks.firstIndex { $0.id == "start-\(name)" } ?? (isPod ? release : nil)
                let (begin, start) = (bounds[index]..<bounds[index + 1], end.map { bounds[$0]..<bounds[$0 + 1] })
                let isDone = start?.allSatisfy(journal.state.isSettled) == true
                let time = isDone ? Self.span(from: begin, through: start ?? begin, journal.state) : "not known"
                return Row(
                    [
                        .code(String(name)), .text("\(index + 1)"), .text(end.map { "\($0 + 1)" } ?? "by nobody yet"),
                        .text(time),
                    ],
                    end == nil ? .bad : .notable)
            })
    }

    /// The time from the first thing that was done of some operations to the last that was of others.
    private static func span(from begin: Range<Int>, through end: Range<Int>, _ state: JournalState) -> String {
        guard let first = begin.first(where: { state.done[$0] != nil }), let last = end.last(where: { state.done[$0] != nil }) else {
            return "not known"
        }
        return state.span(from: first, through: last).map(seconds) ?? "not known: interrupted"
    }

    private static func outcome(of numbers: Range<Int>, _ state: JournalState) -> (String, Mark) {
        let reasons = numbers.compactMap { state.skipped[$0] }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let skipped = reasons.isEmpty ? "" : "not all of it: \(reasons.joined(separator: "; "))"
        if numbers.contains(where: state.undone.contains) { return ("taken back", .plain) }
        guard numbers.allSatisfy(state.isSettled) else {
            return numbers.contains { state.begun[$0] != nil } ? ("begun", .bad) : ("not yet", .notable)
        }
        return skipped.isEmpty ? ("done", .good) : (skipped, .notable)
    }

    private static func seconds(_ milliseconds: Int) -> String {
        let digits = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits) s"
    }
}
