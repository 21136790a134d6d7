// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

extension TicketPage {
    /// Every sandbox, those included whose records cannot be read, and what becomes of it.
    static func sandboxes(of plan: Plan) -> Section? {
        let fates = SandboxFates(plan)
        let rows = plan.scan.sandboxes.map { sandbox in
            let id = sandbox.id.rawValue
            let state = sandbox.liveness == .unknown ? "not known to run" : sandbox.liveness.rawValue
            let pids = sandbox.processes.map { "\($0.process.pid)" }.joined(separator: ", ")
            return Row(
                [
                    .code(id), .text(sandbox.owner.title), .text("\(state); record: \(sandbox.record.state.title)"),
                    .text("\(sandbox.record.hypervisor.memoryMiB) MiB"), .text(pids), .text(fates[id]),
                ], fates.isKnown(id) ? .plain : .notable)
        }
        let broken = plan.scan.brokenRecords.map { record in
            Row([.code(record.id.rawValue), .none, .text("unreadable: \(record.reason)"), .none, .none, "is left as it is"], .bad)
        }
        return Section("Sandboxes", head: ["sandbox", "owner", "state", "memory", "processes", "what becomes of it"], rows + broken)
    }

    /// What had ended before the migration and keeps its exit status.
    static func endings(of plan: Plan) -> Section? {
        Section(
            "Ended before", head: ["container", "exit status", "what becomes of it"],
            plan.endings.map { Row([.code($0.container), .text("\($0.status)"), .text($0.keeper.title)]) })
    }
}

/// What a plan makes of each sandbox, found once: a host may have a thousand of them.
private struct SandboxFates {
    private var clauses: [String: [String]] = [:]

    init(_ plan: Plan) {
        for (index, step) in plan.steps.enumerated() {
            let act: String? =
                switch step.kind {
                case .drainSandbox: "is stopped"
                case .retireRecords, .moveSandbox: step.reason
                case .startContainer: "starts under the new runtime"
                case .endLeftovers: "what is left of it ends"
                default: nil
                }
            if let act { clauses[step.object, default: []].append("\(act) (step \(index + 1))") }
        }
        for decision in plan.decisions { clauses[decision.sandbox.rawValue, default: []].append("is to be decided") }
        for leftover in plan.leftInPlace where leftover.what.hasPrefix("sandbox ") {
            clauses[String(leftover.what.dropFirst("sandbox ".count)), default: []].append("is left: \(leftover.why)")
        }
    }

    subscript(id: String) -> String { clauses[id]?.joined(separator: "; ") ?? "is left as it is" }

    func isKnown(_ id: String) -> Bool { clauses[id] != nil }
}
