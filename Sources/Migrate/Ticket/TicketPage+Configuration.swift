// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataConfig
internal import KataText
internal import SystemPackage

extension TicketPage {
    /// What becomes of each key, and the virtual machine that comes of it before and after.
    static func configuration(of plan: Plan) -> [Section] {
        guard let translation = plan.translation, let dialect = Registry.dialect(translation.dialect) else { return [] }
        let keys = Section(
            "Keys of the configuration", head: ["key", "before", "today's key", "after", "verdict", "where", "why"],
            translation.provenance.map(row))
        return [keys, machines(of: plan, translation, dialect)].compactMap(\.self)
    }

    private static func row(_ account: Provenance) -> Row {
        let place = account.file.map { file in file.string + (account.range.map { ":\($0.start.line)" } ?? "") } ?? ""
        let mark: Mark =
            switch account.fate {
            case .carried, .kept, .defaulted, .replaced: .plain
            case .mapped, .dropped, .unknown: .notable
            case .refused: .bad
            }
        return Row(
            [
                .code(account.source?.description ?? ""), .code(account.before?.tomlText ?? ""), .code(account.target?.description ?? ""),
                .code(account.after?.tomlText ?? ""), .text(account.fate.rawValue), .code(place), .text(account.reason ?? ""),
            ], mark)
    }

    private static func machines(of plan: Plan, _ translation: Translation, _ dialect: Dialect) -> Section? {
        let host = plan.scan.hardware ?? LegacyMachine.Host(processors: 4, memoryMiB: 8192)
        let written = Registry.ours.projection(of: translation).emission.rendered
        let before = ConfigurationSide(translation, of: dialect, releases: plan.scan.predecessor?.release, on: host)
        guard let after = ConfigurationSide.today(written, on: host).side else { return nil }
        let size = "a host with \(host.processors) CPUs and \(host.memoryMiB) MiB"
        let about =
            (plan.scan.hardware == nil ? "The size of the host is not known; the command lines are for \(size). " : "On \(size). ")
            + "What each VM has anew stands in angle brackets."
        guard let machine = ConfigurationComparison(before, after).machine else {
            return Section(
                "The virtual machine",
                [
                    .paragraph([.text(about)]), .paragraph([.text("Before: \(before.machineUnknown ?? "not known").")]),
                    .lines(after.machine ?? []),
                ])
        }
        return Section(
            "The virtual machine before and after", about: [.text(about)], head: ["", "before", "after"],
            machine.map { pair in
                let (sign, mark): (String, Mark) =
                    pair.isSame
                    ? ("same", .plain) : pair.old == nil ? ("new", .good) : pair.new == nil ? ("gone", .bad) : ("other", .notable)
                return Row([.text(sign), .code(pair.old ?? ""), .code(pair.new ?? "")], mark)
            })
    }
}
