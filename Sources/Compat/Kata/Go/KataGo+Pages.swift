// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let goKey: DiagnosticCode = "KGO-001"
    static let goTable: DiagnosticCode = "KGO-002"
    static let goFolded: DiagnosticCode = "KGO-003"
    static let goDoubled: DiagnosticCode = "KGO-004"
    static let goType: DiagnosticCode = "KGO-005"
    static let goRange: DiagnosticCode = "KGO-006"
    static let goValue: DiagnosticCode = "KGO-007"
    static let goUnknownType: DiagnosticCode = "KGO-008"
    static let goNoDropIns: DiagnosticCode = "KGO-009"
    static let goGuestFile: DiagnosticCode = "KGO-010"
    static let goEnded: DiagnosticCode = "KGO-011"
    static let goMemory: DiagnosticCode = "KGO-012"
    static let goMemoryByRelease: DiagnosticCode = "KGO-013"
    static let goModelByRelease: DiagnosticCode = "KGO-014"
    static let goModelChanged: DiagnosticCode = "KGO-015"
    static let goDefault: DiagnosticCode = "KGO-016"
    static let goChoice: DiagnosticCode = "KGO-017"
    static let goUnread: DiagnosticCode = "KGO-018"
}

extension KataGo {
    /// What reading and translating a `configuration.toml` of Kata's Go runtime reports.
    public static let pages: [DiagnosticPage] = readingPages + translationPages

    private static let readingPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .goKey, title: "key that Kata does not know", severity: .warning,
            explanation: "Kata's Go runtime reads past keys of its main file that it does not know without a word. The message says which "
                + "other releases read it, if any do. It is not translated.",
            remedy: "Correct the name, or remove the line."),
        DiagnosticPage(
            code: .goTable, title: "table that Kata does not know", severity: .warning,
            explanation: "The generation of Kata that the file is for takes nothing from this table.",
            remedy: "Correct the name, or remove the table."),
        DiagnosticPage(
            code: .goFolded, title: "name in unusual case", severity: .note,
            explanation: "Kata's Go runtime finds keys whatever the case of their letters. TOML tells case apart, so the translation has "
                + "the usual spelling.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .goDoubled, title: "key given in two spellings", severity: .warning,
            explanation: "Two keys of a table differ in case only. Kata takes one of them, which one is left to chance.",
            remedy: "Remove the one that is not meant. The translation takes the usual spelling, or else the last."),
        DiagnosticPage(
            code: .goType, title: "value of the wrong type", severity: .error,
            explanation: "Kata refuses the whole file for this, so no sandbox starts under it.",
            remedy: "Correct the value, or remove the key."),
        DiagnosticPage(
            code: .goRange, title: "number out of range", severity: .error,
            explanation: "Kata refuses the whole file, because the number does not fit its type.",
            remedy: "Correct the value, or remove the key."),
        DiagnosticPage(
            code: .goValue, title: "value that Kata refuses", severity: .error,
            explanation: "The releases that the file can be for know a fixed list of values for this key, and refuse the file for others.",
            remedy: "Take one of the values that the message names."),
        DiagnosticPage(
            code: .goUnknownType, title: "hypervisor or agent that Kata does not know", severity: .error,
            explanation:
                "Kata refuses a file with a table below [hypervisor] that is not one of its hypervisors; Kata 1 does so below [agent], "
                + "[proxy] and [shim].",
            remedy: "Correct the name, or remove the table."),
        DiagnosticPage(
            code: .goNoDropIns, title: "drop-in that is not read", severity: .warning,
            explanation: "Kata lays the files of config.d over the configuration since 2.5. Older releases read one file only; the "
                + "translation takes the drop-in all the same.",
            remedy: "Leave the drop-in out if the host's Kata is older."),
    ]

    private static let translationPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .goGuestFile, title: "file of Kata replaced by ours", severity: .note,
            explanation: "The guest kernel and the guest's root form a set with the agent inside. For upstream targets of the same "
                + "generation the file's own paths are kept.",
            remedy: "Nothing has to be done. A kernel of your own has to be built anew; see Docs/Decisions/0008-guest-kernel.md."),
        DiagnosticPage(
            code: .goEnded, title: "key of a part that does not exist any more", severity: .note,
            explanation: "Kata gave up the part that the key configured; the message says what does its work.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .goMemory, title: "memory size that was never used", severity: .warning,
            explanation: "Kata silently took 2048 MiB in place of sizes below 8 MiB up to 1.8, and below 256 MiB from 1.9 to 1.11.4 and "
                + "since 2.0. The translation says what it did.",
            remedy: "Set the size that you want."),
        DiagnosticPage(
            code: .goMemoryByRelease, title: "memory size that some releases replaced", severity: .warning,
            explanation:
                "Which size sandboxes had depends on the release, and the file does not tell it. The translation keeps the number.",
            remedy: "Name the release that the host runs, or set the size that you want."),
        DiagnosticPage(
            code: .goModelByRelease, title: "internetworking model whose meaning changed", severity: .warning,
            explanation: "\"default\", or nothing, meant macvtap up to Kata 1.6 and tcfilter since 1.7.",
            remedy: "Name the release that the host runs, or the model."),
        DiagnosticPage(
            code: .goModelChanged, title: "internetworking model changed", severity: .warning,
            explanation: "Kata dropped bridged and enlightened in 1.10; files that name them are refused since.",
            remedy: "Check that containers reach the network as before."),
        DiagnosticPage(
            code: .goDefault, title: "default spelt out", severity: .note,
            explanation: "The file does not set the key, and what Kata's code did without it is not what is done today. The translation "
                + "says what it did.",
            remedy: "Nothing has to be done; remove the line to get today's default."),
        DiagnosticPage(
            code: .goChoice, title: "several hypervisors are configured", severity: .warning,
            explanation: "Kata's Go runtime goes through the tables below [hypervisor] in no order and runs the last one that it meets, so "
                + "sandboxes of one host may differ. runtime-rs runs the one that is named.",
            remedy: "Leave one table in the file."),
        DiagnosticPage(
            code: .goUnread, title: "key that the host's release did not read", severity: .warning,
            explanation: "The key came after the release that ran, or had gone before it, so it had no effect. It is not translated.",
            remedy: "Nothing has to be done; add the key to the translation if the setting is wanted."),
    ]
}
