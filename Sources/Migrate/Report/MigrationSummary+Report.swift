// SPDX-License-Identifier: Apache-2.0

internal import KataSystem

extension [MigrationSummary] {
    /// What `status` prints for people.
    package func text(root: String) -> String {
        guard !isEmpty else { return "no migration was applied on \(root.printable)\n" }
        return map(\.text).joined()
    }

    /// What `status` prints for programs.
    package var json: String {
        ReportValue.object(["kind": .string("status"), "version": .integer(1), "migrations": .list(self, \.value)]).rendered
    }
}

extension MigrationSummary {
    fileprivate var text: String {
        let verified = verified.map { $0 ? ", verified" : ", verification failed" } ?? ""
        let time = started.map { " begun \($0.rfc3339)," } ?? ""
        let line = "\(id) \(phase)\(verified),\(time) \(done) of \(operations) operations".printable + "\n"
        return line + skipped.map { "  not done: \($0.title): \($0.why)".printable + "\n" }.joined()
    }

    fileprivate var value: ReportValue {
        .object([
            "id": .string(id), "phase": .string(phase), "isUnfinished": .bool(isUnfinished), "canBeRolledBack": .bool(canBeRolledBack),
            "started": .text(started?.rfc3339), "operations": .integer(Int64(operations)), "done": .integer(Int64(done)),
            "verified": verified.map(ReportValue.bool) ?? .null,
            "notDone": .list(skipped) { .object(["what": .string($0.title), "why": .string($0.why)]) },
        ])
    }
}

/// What a verb that changes a host, or tries it, came to.
package struct MigrationOutcome: Sendable {
    /// Nil when there was nothing to do.
    package let migration: MigrationSummary?
    /// Nil when nothing was tried.
    package let findings: [VerificationFinding]?

    /// The command that takes the migration back, offered because something does not work.
    package let rollback: String?

    package init(_ migration: MigrationSummary?, findings: [VerificationFinding]? = nil, rollback: String? = nil) {
        self.migration = migration
        self.findings = findings
        self.rollback = rollback
    }

    /// For programs.
    package var json: String {
        ReportValue.object([
            "kind": .string("outcome"), "version": .integer(1), "migration": migration?.value ?? .null,
            "verification": .list(findings) {
                .object(["what": .string($0.what), "verdict": .string($0.verdict.rawValue), "detail": .string($0.detail)])
            },
            "rollback": .text(rollback),
        ]).rendered
    }
}
