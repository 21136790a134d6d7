// SPDX-License-Identifier: Apache-2.0
internal import KataText

// hyperd had runV's driver built in (hyperd, vendor or Godeps of each tag) and told it what daemon/daemon.go, daemon/vm.go and
// daemon/pod/sandbox.go say; what is shown is the VM of a pod that names no size.
extension Hyperd {
    static func machine(
        _ settings: EffectiveSettings, _ sources: [SourceText], _ releases: ClosedRange<Release>, _ host: LegacyMachine.Host
    ) -> [String]? {
        func text(_ name: String) -> String { settings.text(LegacyKey([], name)) }
        func policy(_ name: String) -> LegacyKey { LegacyKey(factoryTable, name) }
        guard RunV.qemuDrivers.contains(text("Hypervisor").lowercased()) else { return nil }
        let release = releases.upperBound
        var machine = RunV.Machine(
            release: driverRelease(of: release), processors: settings.integer(policy("cpu")) ?? 1,
            memoryMiB: settings.integer(policy("memory")) ?? 128, kernel: text("Kernel"), initrd: text("Initrd"))
        if release <= Release(0, 7, 0) {
            machine.bios = text("Bios")
            machine.coreboot = text("Cbfs")
        }
        machine.grows = settings.settings.contains { $0.rule.source.table == factoryTable && $0.place != nil }
        if settings.flag(policy("template")) { machine.template = "/var/run/hyper/template/<template>" }
        machine.hasVsock = settings.flag(LegacyKey([], "EnableVsock"))
        machine.debuggerPort = settings.integer(LegacyKey([], "GDBTCPPort")) ?? 0
        // The copy in 1.0.0 was a little newer than runV's tag.
        if release == Release(1, 0, 0) { machine.extraParameters = " iommu=off" }
        return machine.arguments(on: host)
    }

    /// Tags of both came together, until hyperd was built from runV's last branch.
    static func driverRelease(of release: Release) -> Release {
        release > Release(1, 0, 0) ? RunV.laterPatches : release
    }
}
