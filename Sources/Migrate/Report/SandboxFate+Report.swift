// SPDX-License-Identifier: Apache-2.0

internal import Compat

extension Plan {
    func writeFates(to report: inout ReportText) {
        if !sandboxes.isEmpty {
            report.heading("sandboxes (\(sandboxes.count))")
            report.table(
                sandboxes.map {
                    [$0.sandbox.rawValue.abbreviated, $0.system, "\($0.isDrained ? "drained, " : "")\($0.verdict.rawValue)", $0.reason]
                })
        }
        guard !endings.isEmpty else { return }
        report.heading("ended before (\(endings.count))")
        report.table(endings.map { [$0.container.abbreviated, "status \($0.status)", $0.keeper.title] })
    }
}

extension Ending.Keeper {
    var title: String {
        switch self {
        case .kataRuntime: "kept by kata-runtime, which can delete it and not start it"
        case .docker: "kept by docker, in its own record"
        }
    }
}

extension SandboxFate {
    var value: ReportValue {
        .object([
            "id": .string(sandbox.rawValue), "system": .string(system), "fate": .string(verdict.rawValue), "isDrained": .bool(isDrained),
            "reason": .string(reason),
        ])
    }
}
