// SPDX-License-Identifier: Apache-2.0

internal import KataConfig
internal import KataHypervisor
internal import KataSandbox
internal import KataSystem
internal import SystemPackage

/// What executes guest code on this host.
enum HostAccelerator {
    /// The choice of the configuration or of `KATA_ACCEL`, decided by what the probe finds.
    ///
    /// - Parameter remeasure: probes again instead of using what this boot has found before.
    static func decide(_ configured: AcceleratorChoice, remeasure: Bool = false) throws -> AcceleratorDecision {
        let choice = try configured.overridden(by: Environment.variables())
        if choice == .tcg { return AcceleratorDecision(accelerator: .tcg, warning: nil) }
        let verdict = try waitFor {
            try await KVMProbe().verdict(
                record: HostRecord(path: StateRoot.standard.appending("host.json")), remeasure: remeasure)
        }
        return .decide(choice, verdict: verdict)
    }
}
