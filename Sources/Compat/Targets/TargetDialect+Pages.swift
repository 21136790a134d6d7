// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension DiagnosticCode {
    static let lostKey: DiagnosticCode = "TGT-001"
    static let lostNothing: DiagnosticCode = "TGT-002"
    static let changedForTarget: DiagnosticCode = "TGT-003"
    static let respeltForTarget: DiagnosticCode = "TGT-004"
    static let defaultSpeltOut: DiagnosticCode = "TGT-005"
    static let requiredKey: DiagnosticCode = "TGT-006"
    static let upstreamAsset: DiagnosticCode = "TGT-007"
}

extension TargetDialect {
    static let targetPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .lostKey, title: "key that the target runtime has no meaning for", severity: .warning,
            explanation: "The runtime that the file is written for does not read the key, or refuses the value, so the key is left out. "
                + "Written down it would be ignored silently, or keep the runtime from starting.",
            remedy: "Decide whether the host can do without it, or take another target."),
        DiagnosticPage(
            code: .lostNothing, title: "key that asks for nothing is left out", severity: .note,
            explanation: "The runtime that the file is written for does not read the key; the value asks for what happens without it.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .changedForTarget, title: "value changed for the target runtime", severity: .warning,
            explanation: "The runtime that the file is written for would refuse the value, or take it for something else. The nearest "
                + "value that it knows is written.",
            remedy: "Check that the new value is what the host needs."),
        DiagnosticPage(
            code: .respeltForTarget, title: "value spelt as the target runtime has it", severity: .note,
            explanation: "The runtime that the file is written for means the same by another name, unit or type.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .defaultSpeltOut, title: "default spelt out for the target runtime", severity: .note,
            explanation: "The key is not set, and the runtime that the file is written for has another default. The translation's is "
                + "written, so that the behaviour stays.",
            remedy: "Nothing has to be done; remove the line to get the target's default."),
        DiagnosticPage(
            code: .requiredKey, title: "key that the target runtime has to be told", severity: .note,
            explanation: "The runtime that the file is written for does not work, or runs something else, without this key.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .upstreamAsset, title: "file of the target runtime", severity: .warning,
            explanation: "Hypervisor, guest kernel and guest image form a set with the agent. An upstream runtime needs upstream's, whose "
                + "usual place is written.",
            remedy: "Check that the file exists, or name yours."),
    ]
}
