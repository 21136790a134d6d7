// SPDX-License-Identifier: Apache-2.0
internal import KataText

// frakti had hyperd make its VMs and told it their size (frakti, pkg/hyper/helper.go); the rest is hyperd's, here the last one as its
// package configured it.
extension Frakti {
    static func machine(
        _ settings: EffectiveSettings, _ sources: [SourceText], _ releases: ClosedRange<Release>, _ host: LegacyMachine.Host
    ) -> [String]? {
        // Without the flags, which came with 0.3, hyperd's own sizes held.
        let sizes = releases.upperBound >= Release(0, 3, 0) ? sizes : []
        func size(_ name: String, _ own: Int64) -> Int64 {
            let key = LegacyKey([], name)
            return sizes.contains(key) ? settings.integer(key).flatMap { $0 > 0 ? $0 : nil } ?? own : own
        }
        return RunV.Machine(
            release: Hyperd.driverRelease(of: Hyperd.master), processors: size("cpu", 1), memoryMiB: size("memory", 128),
            kernel: "/var/lib/hyper/kernel", initrd: "/var/lib/hyper/hyper-initrd.img"
        ).arguments(on: host)
    }
}
