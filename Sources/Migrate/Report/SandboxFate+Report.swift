// SPDX-License-Identifier: Apache-2.0

internal import Compat

extension Plan {
    func writeFates(to report: inout ReportText) {
        guard !sandboxes.isEmpty else { return }
        report.heading("sandboxes (\(sandboxes.count))")
        report.table(
            sandboxes.map {
                [$0.sandbox.rawValue.abbreviated, $0.system, "\($0.isDrained ? "drained, " : "")\($0.verdict.rawValue)", $0.reason]
            })
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
