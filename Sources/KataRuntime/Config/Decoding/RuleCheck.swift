// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// What can only be said of several keys or tables together.
struct RuleCheck {
    private(set) var diagnostics: [Diagnostic] = []

    init(_ tree: LayeredTree, _ values: EffectiveValues) {
        checkHypervisors(tree)
        checkGuestRoot(tree, values)
        checkVCPUs(values)
        checkNetwork(values)
    }

    /// The configured hypervisor is QEMU as soon as it has a table, whatever stands beside it.
    private mutating func checkHypervisors(_ tree: LayeredTree) {
        guard let hypervisors = tree.table(at: ["hypervisor"]) else { return }
        let isQEMUConfigured = hypervisors.entry("qemu") != nil
        for entry in hypervisors.entries {
            guard let foreign = ForeignHypervisor(rawValue: entry.key) else { continue }
            if isQEMUConfigured {
                report(
                    .note, ConfigDiagnostics.unusedHypervisor, entry.origin, entry.origin.keyRange,
                    "[hypervisor.\(entry.key)] is not used: the hypervisor is QEMU")
            } else {
                report(
                    .error, ConfigDiagnostics.foreignHypervisor, entry.origin, entry.origin.keyRange,
                    "the configured hypervisor, \(foreign.title), is not run by this runtime", ["configure [hypervisor.qemu]"])
            }
        }
    }

    private mutating func checkGuestRoot(_ tree: LayeredTree, _ values: EffectiveValues) {
        guard case .stated(let image) = values[HypervisorKeys.image].source else { return }
        if case .stated(let initrd) = values[HypervisorKeys.initrd].source {
            report(
                .error, ConfigDiagnostics.twoRoots, image, image.valueRange, "image and initrd are both set",
                ["initrd is set at \(initrd.lineReference)"])
        } else if !tree.isMistyped(HypervisorKeys.initrd) {
            report(
                .error, ConfigDiagnostics.imageOnly, image, image.valueRange,
                "booting from an image is not built yet and no initrd is set")
        }
    }

    private mutating func checkVCPUs(_ values: EffectiveValues) {
        guard case .stated(let origin) = values[HypervisorKeys.defaultMaxVCPUs].source else { return }
        let most = values.integer(HypervisorKeys.defaultMaxVCPUs)
        let boot = values.number(HypervisorKeys.defaultVCPUs).rounded(.up)
        guard most > 0, Double(most) < boot else { return }
        report(
            .warning, ConfigDiagnostics.vcpuLimit, origin, origin.valueRange,
            "default_maxvcpus = \(most) is below default_vcpus = \(values[HypervisorKeys.defaultVCPUs].value?.tomlText ?? ""): raised")
    }

    private mutating func checkNetwork(_ values: EffectiveValues) {
        guard case .stated(let origin) = values[RuntimeKeys.disableNewNetns].source, values.flag(RuntimeKeys.disableNewNetns),
            values.text(RuntimeKeys.internetworkingModel) != "none"
        else { return }
        report(
            .error, ConfigDiagnostics.networkNamespace, origin, origin.valueRange,
            "disable_new_netns needs internetworking_model = \"none\"")
    }

    private mutating func report(
        _ severity: Severity, _ code: DiagnosticCode, _ origin: ValueOrigin, _ range: SourceRange, _ message: String,
        _ notes: [String] = []
    ) {
        diagnostics.append(
            Diagnostic(severity: severity, code: code, message: message, path: origin.path, range: range, notes: notes))
    }
}

extension LayeredTree {
    /// Whether the key is there with a value of a wrong type, so that nothing can be concluded from its absence.
    fileprivate func isMistyped(_ key: ConfigKey) -> Bool {
        switch table(at: key.table.path)?.entry(key.name)?.node {
        case nil: false
        case .table: true
        case .value(let value): (try? key.type.read(value)) == nil
        }
    }
}
