// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

extension Plan {
    /// The plan for people.
    package var text: String {
        var report = ReportText()
        guard !steps.isEmpty || !decisions.isEmpty || !preflight.isEmpty else {
            report.heading("nothing to do on \(root)")
            writeLeftovers(to: &report)
            return report.text
        }
        report.heading("plan \(id) for host \(root)")
        report.table([
            ["new runtime", layout.runtime.string], ["configuration", layout.configuration.string],
            ["backups", journal.appending("backup").string], ["taken back with", rollbackCommand],
        ])
        if !preflight.isEmpty {
            report.heading("preflight: \(isBlocked ? "blocked" : "may go on")")
            report.verbatim(render(preflight, sources: sources, as: .text, tool: "kata-migrate"))
        }
        for decision in decisions {
            report.heading("to be decided: sandbox \(decision.sandbox.rawValue.abbreviated): \(decision.question)")
            report.table(decision.answers.map { [$0.option, $0.consequence] })
        }
        writeFates(to: &report)
        if !interruptions.isEmpty {
            report.heading("stops on the way")
            for interruption in interruptions { report.line(interruption.title) }
        }
        report.heading("steps (\(steps.count))")
        for (index, step) in steps.enumerated() { write(step, number: index + 1, to: &report) }
        if let translation, !translation.diagnostics.isEmpty {
            report.heading("translation of \(translation.sources.map(\.path.string).joined(separator: ", "))")
            report.verbatim(render(translation.diagnostics, sources: sources, as: .text, tool: "kata-migrate"))
        }
        writeLeftovers(to: &report)
        return report.text
    }

    private func write(_ step: Step, number: Int, to report: inout ReportText) {
        report.line("\(number). \(step.kind.rawValue) \(step.object.abbreviated)")
        report.line("why: \(step.reason)", depth: 3)
        report.line("hazard: \(step.hazards.isEmpty ? "none" : step.hazards.map(\.title).joined(separator: "; "))", depth: 3)
        for (why, count) in step.after.countedByReason {
            let numbers = step.after.filter { $0.why == why }.compactMap { predecessor in steps.firstIndex { $0.id == predecessor.step } }
                .map { $0 + 1 }
            let shown = count > 6 ? "\(count) steps" : numbers.map(String.init).joined(separator: ", ")
            report.line("after \(shown): \(why)", depth: 3)
        }
        for change in step.changes {
            report.line(change.title, depth: 3)
            if case .replace(_, let before, let after) = change {
                for line in LineDifference(from: before, to: after).lines { report.line(line, depth: 5) }
            }
            if let path = change.backedUp { report.line("backup: \(backup(of: path))", depth: 4) }
        }
        // A sandbox's record has a dozen files; the JSON names each.
        let shown = step.reliesOn.count > 4 ? step.reliesOn.filter { $0.kind == .directory } : step.reliesOn
        for seen in shown { report.line("relies on: \(seen.title)", depth: 3) }
        if shown.count < step.reliesOn.count {
            report.line("relies on: \(step.reliesOn.count - shown.count) files of its record", depth: 3)
        }
    }

    private func writeLeftovers(to report: inout ReportText) {
        guard !leftInPlace.isEmpty else { return }
        report.heading("left in place")
        for leftover in leftInPlace {
            report.line(leftover.what)
            report.line("why: \(leftover.why)", depth: 3)
        }
    }
}

extension [Step.Predecessor] {
    /// Each reason once, in the order of its first mention.
    fileprivate var countedByReason: [(why: String, count: Int)] {
        reduce(into: []) { counted, predecessor in
            if let index = counted.firstIndex(where: { $0.why == predecessor.why }) {
                counted[index].count += 1
            } else {
                counted.append((predecessor.why, 1))
            }
        }
    }
}

extension Hazard {
    var title: String {
        switch self {
        case .stopsContainers(let names, true): "stops \(names.joined(separator: ", ")), started again afterwards"
        case .stopsContainers(let names, false): "stops \(names.joined(separator: ", "))"
        case .stopsSandbox(let id): "stops sandbox \(id.rawValue.abbreviated)"
        case .endsMachines(let pids): "ends the VMs of processes \(pids.map(String.init).joined(separator: ", ")) for good"
        case .restartsEngine(let engine): "restarts \(engine.rawValue)"
        }
    }
}

extension ExpectedProcess {
    /// `4187 cc-proxy`.
    fileprivate var title: String { "\(pid) \(arguments.first.flatMap { FilePath($0).lastComponent?.string } ?? "")" }
}

extension Observation {
    fileprivate var title: String {
        switch kind {
        case .absent: "nothing at \(path)"
        case .file:
            "\(path)\(target.map { " -> \($0)" } ?? "") (\(digest.map { "sha256 \($0.prefix(12))…, " } ?? "")\(size ?? 0) bytes, \(ownership))"
        default: "\(path) (\(kind.rawValue)\(mode == nil ? "" : ", \(ownership)"))"
        }
    }
}

extension Change {
    var title: String {
        switch self {
        case .create(let path, let bytes, let mode): "create \(path) (\(bytes.count) bytes, mode 0\(String(mode, radix: 8)))"
        case .replace(let path, _, _): "edit \(path)"
        case .check(let engine, let path, _): "have \(engine.rawValue) check the new \(path)"
        case .moveAway(let path): "move \(path) into the backup"
        case .keep(let path): "keep \(path) until 'kata-migrate forget', and a copy in the backup"
        case .removeLink(let path): "remove link \(path)"
        case .reloadUnits: "have systemd read its units again"
        case .restartUnit(let unit): "restart \(unit)"
        case .startUnit(let unit): "start \(unit)"
        case .stopUnit(let unit): "stop \(unit)"
        case .stopContainer(let engine, let id): "\(engine.rawValue) stop \(id.abbreviated)"
        case .startContainer(let engine, let id): "\(engine.rawValue) start \(id.abbreviated)"
        case .stopPod(let keeper, let id, let endpoint): "\(keeper.stopping(id.abbreviated, at: endpoint).joined(separator: " "))"
        case .unmount(let path): "unmount \(path)"
        case .stopSandbox(let id, let processes):
            "end the workload of \(id.rawValue.abbreviated), then its VM (processes \(processes.map { "\($0.pid)" }.joined(separator: ", ")))"
        case .startSandbox(let id):
            "start \(id.rawValue.abbreviated) under the new runtime; what it says goes to 'output/\(id.rawValue.abbreviated)' beside the journal"
        case .endLeftovers(let processes): "see that these end, or end them: \(processes.map(\.title).joined(separator: ", "))"
        }
    }
}
