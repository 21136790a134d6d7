// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

extension Planner {
    mutating func planUnits() {
        for unit in inEndingOrder(scan.units) where unit.state == .active || !unit.enabledBy.isEmpty {
            if let why = need(of: unit) {
                leftInPlace.append(Leftover(what: "unit \(unit.name)", why: why))
                continue
            }
            var changes = unit.enabledBy.map(Change.removeLink)
            if unit.state == .active { changes.append(.stopUnit(unit.name)) }
            if !unit.enabledBy.isEmpty { changes.append(.reloadUnits) }
            steps.append(
                Step(
                    id: .init(rawValue: "unit-\(unit.name)"), kind: .retireUnit, object: unit.name,
                    reason: "the new system has no such daemon; its unit file stays with its package", hazards: [],
                    reliesOn: observed([unit.file] + unit.enabledBy), changes: changes,
                    after: drained.map { .init(step: $0, why: "the old system's sandboxes need its daemons to the end") }))
        }
    }

    /// Frakti asks hyperd to the end, and hyperd's end is that of its VMs.
    private func inEndingOrder(_ units: [LegacyUnit]) -> [LegacyUnit] {
        let holders = units.filter(\.holdsSandboxes)
        let order = [LegacySystem.frakti, .hyperd].map(\.name)
        return units.filter { !$0.holdsSandboxes } + order.flatMap { name in holders.filter { $0.system == name } }
    }

    /// Why a unit must go on; nil when nobody needs it any more.
    private func need(of unit: LegacyUnit) -> String? {
        if !leftRunning.isEmpty, unit.name.contains("proxy") { return "sandboxes that are left running may speak through it" }
        guard unit.holdsSandboxes else { return nil }
        switch fraktiKubelet {
        case .stuck?, .waits?: return "the kubelet asks for pods here, and goes on to"
        case .moves?, nil: break
        }
        let stopped = Set(steps.filter { $0.kind == .drainSandbox }.map(\.id))
        let pods = scan.sandboxes.filter { [.hyperd, .frakti].contains($0.record.format) && $0.mayRun }
        let isUsed = pods.contains { !stopped.contains(drain(of: $0)) }
        let hasStrays =
            scan.processes == nil || scan.strayProcesses.contains { $0.role == .hypervisor && $0.system == LegacySystem.hyperd.name }
        return isUsed || hasStrays ? "its end would end the VMs that it runs; stop its pods first" : nil
    }

    mutating func listLeftovers() {
        guard !steps.isEmpty || !decisions.isEmpty else { return }
        let packages = scan.packages
        if !packages.isEmpty {
            let configured = packages.contains { $0.name == "cc-runtime" || $0.name == "cc-runtime-config" }
            leftInPlace.append(
                Leftover(
                    what: "packages \(packages.map(\.name).joined(separator: ", "))",
                    why: "yours to remove when you are content"
                        + (configured ? "; that deletes the shipped configuration too, and with it the way back" : "")))
        }
        if scan.packages.isEmpty, !scan.files.isEmpty {
            leftInPlace.append(
                Leftover(
                    what: scan.files.map(\.seen.path.string).joined(separator: ", "),
                    why: "no package is known to own them; a way back needs them"))
        }
        for link in scan.links ?? [] {
            leftInPlace.append(
                Leftover(
                    what: "network device \(link.link.name)",
                    why: "\(link.system) made it; it goes with its VM, or at the next boot, and a rollback could not bring it back"))
        }
        for mount in scan.strayMounts ?? [] {
            leftInPlace.append(Leftover(what: "mount \(mount)", why: "no sandbox on record has it"))
        }
    }
}
