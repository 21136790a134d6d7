// SPDX-License-Identifier: Apache-2.0
internal import KataText

// Keys and values that Kata knows and this runtime has no use for.
extension ConfigDiagnostics {
    static let featurePages = [
        DiagnosticPage(
            code: unbuilt, title: "the key's feature is not built yet", severity: .warning,
            explanation: "Kata has the key and documents what it does; this runtime knows it and does not do that yet. It is ignored.",
            remedy: "Remove the line if you do not rely on the feature; do not run the workload here if you do."),
        DiagnosticPage(
            code: unbuiltNeutral, title: "the key's feature is not built yet, and the value does not ask for it", severity: .note,
            explanation: "The value is false, 0, empty, or otherwise leaves off what is not built yet.",
            remedy: "Nothing needs to be done."),
        DiagnosticPage(
            code: unbuiltValue, title: "the value is not built yet", severity: .error,
            explanation: """
                The key is built, this one of its values is not. There is no way to go on that would not be something other than \
                what the file asks for.
                """,
            remedy: "Take one of the values that the message names as built."),
        DiagnosticPage(
            code: foreignKey, title: "the key is for another hypervisor", severity: .warning,
            explanation: "Kata's hypervisor tables share their keys; this one means something to other hypervisors than QEMU.",
            remedy: "Remove the line."),
        DiagnosticPage(
            code: retired, title: "Kata reads this no more", severity: .warning,
            explanation: "Older releases of Kata read the key or table; newer ones, and this runtime, ignore it.",
            remedy: "Remove it, or use what the message names instead."),
        DiagnosticPage(
            code: foreignHypervisor, title: "the configured hypervisor is not run", severity: .error,
            explanation: "The file configures a hypervisor that Kata runs and this runtime does not, and no [hypervisor.qemu].",
            remedy: "Configure [hypervisor.qemu]."),
        DiagnosticPage(
            code: unusedHypervisor, title: "the table of another hypervisor is not used", severity: .note,
            explanation: "Beside [hypervisor.qemu], which is used, the file has the table of a hypervisor that this runtime does not run.",
            remedy: "Nothing needs to be done."),
        DiagnosticPage(
            code: unknownHypervisor, title: "unknown hypervisor", severity: .error,
            explanation: "Neither Kata nor this runtime has a hypervisor of that name; Kata refuses such a file too.",
            remedy: "Correct the name, or remove the table."),
    ]
}
