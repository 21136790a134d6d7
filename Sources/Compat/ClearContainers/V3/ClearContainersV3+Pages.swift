// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let unknownKey: DiagnosticCode = "CC3-001"
    static let unknownTable: DiagnosticCode = "CC3-002"
    static let foldedKey: DiagnosticCode = "CC3-003"
    static let doubledKey: DiagnosticCode = "CC3-004"
    static let wrongType: DiagnosticCode = "CC3-005"
    static let outOfRange: DiagnosticCode = "CC3-006"
    static let refusedValue: DiagnosticCode = "CC3-007"
    static let missingTable: DiagnosticCode = "CC3-008"
    static let assetReplaced: DiagnosticCode = "CC3-010"
    static let machineType: DiagnosticCode = "CC3-011"
    static let keyDropped: DiagnosticCode = "CC3-012"
    static let guestParameter: DiagnosticCode = "CC3-013"
    static let machineOption: DiagnosticCode = "CC3-014"
    static let memoryRaised: DiagnosticCode = "CC3-015"
    static let internetworking: DiagnosticCode = "CC3-016"
    static let everyHostCPU: DiagnosticCode = "CC3-017"
    static let defaultWritten: DiagnosticCode = "CC3-018"
    static let behaviourLost: DiagnosticCode = "CC3-019"
    static let modelSpeltOut: DiagnosticCode = "CC3-020"
    static let releaseUnknown: DiagnosticCode = "CC3-021"
    static let neverRead: DiagnosticCode = "CC3-022"
    static let unreadKey: DiagnosticCode = "CC3-023"
    static let packagedValue: DiagnosticCode = "CC3-024"
    static let vcpuLimit: DiagnosticCode = "CC3-025"
    static let parameterOrder: DiagnosticCode = "CC3-026"
}

extension ClearContainersV3 {
    /// What reading and translating a `configuration.toml` of Clear Containers 3.0 reports.
    public static let pages: [DiagnosticPage] = readingPages + translationPages + releasePages

    private static let readingPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .unknownKey, title: "key that Clear Containers did not know", severity: .warning,
            explanation: "cc-runtime read past keys it did not know without a word, so this one never had an effect. It is not translated.",
            remedy: "Correct the name if the setting is wanted; the translation of the corrected file then has it."),
        DiagnosticPage(
            code: .unknownTable, title: "table that Clear Containers did not know", severity: .warning,
            explanation: "cc-runtime took nothing from this table, or nothing that exists today. It is not translated.",
            remedy: "Correct the name if the settings are wanted."),
        DiagnosticPage(
            code: .foldedKey, title: "name in unusual case", severity: .note,
            explanation: "cc-runtime found keys and top-level tables whatever the case of their letters. TOML tells case apart, so the "
                + "translation has the usual spelling.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .doubledKey, title: "key given in two spellings", severity: .warning,
            explanation: "Two keys of a table differ in case only. cc-runtime took one of them, which one was left to chance.",
            remedy: "Remove the one that is not meant. The translation takes the usual spelling, or else the last."),
        DiagnosticPage(
            code: .wrongType, title: "value of the wrong type", severity: .error,
            explanation: "cc-runtime refused the whole file for this, so no container ran under it.",
            remedy: "Correct the value, or remove the key."),
        DiagnosticPage(
            code: .outOfRange, title: "number out of range", severity: .error,
            explanation: "cc-runtime refused the whole file, because the number does not fit its type.",
            remedy: "Correct the value, or remove the key."),
        DiagnosticPage(
            code: .refusedValue, title: "value that Clear Containers refused", severity: .error,
            explanation: "cc-runtime knew a fixed list of values for this key. It refused the file, or each container, for another one.",
            remedy: "Take one of the values that the message names."),
        DiagnosticPage(
            code: .missingTable, title: "table that Clear Containers could not do without", severity: .warning,
            explanation: "Without this table cc-runtime started no container, so the file was probably not in use as it is.",
            remedy: "Check that this is the file that the host used. The translation does not need the table."),
    ]

    private static let translationPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .assetReplaced, title: "file of Clear Containers replaced by ours", severity: .note,
            explanation: "The hypervisor, kernel and image of Clear Containers form a set with cc-agent and cannot be used with today's "
                + "agent. A copied path would boot a VM that never answers.",
            remedy: "Nothing has to be done. A kernel of your own has to be built anew; see Docs/Decisions/0008-guest-kernel.md."),
        DiagnosticPage(
            code: .machineType, title: "machine type replaced by q35", severity: .warning,
            explanation: "Guests run on q35. pc-lite exists in no upstream QEMU, and pc has no PCIe root ports.",
            remedy: "Check what depends on the guest's PCI layout, such as udev rules in images."),
        DiagnosticPage(
            code: .keyDropped, title: "key without a successor", severity: .note,
            explanation: "What the key configured does not exist any more; the message says what does its work.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .behaviourLost, title: "key whose effect is lost", severity: .warning,
            explanation: "Nothing today does what the key did; the message says what happens instead.",
            remedy: "Decide whether the host can do without it."),
        DiagnosticPage(
            code: .guestParameter, title: "kernel parameter left out", severity: .warning,
            explanation: "The parameter steered the guest of Clear Containers, which ran systemd from an image. In today's guest it would "
                + "have no effect, or keep it from booting.",
            remedy: "Nothing, unless the parameter was there for another reason."),
        DiagnosticPage(
            code: .machineOption, title: "machine option changed", severity: .warning,
            explanation: "QEMU builds for Clear Containers had -machine options of their own, which upstream QEMU refuses.",
            remedy: "Nothing has to be done; compare the guest's devices if you depend on one."),
        DiagnosticPage(
            code: .memoryRaised, title: "memory size that was never used", severity: .warning,
            explanation: "cc-runtime silently took 2048 MiB in place of sizes below 8 MiB. The translation says what it did.",
            remedy: "Set the size that you want."),
        DiagnosticPage(
            code: .internetworking, title: "internetworking model changed", severity: .warning,
            explanation: "Kata does not know the model, or means another one by the same word.",
            remedy: "Check that containers reach the network as before."),
        DiagnosticPage(
            code: .modelSpeltOut, title: "default internetworking model spelt out", severity: .note,
            explanation: "Clear Containers took macvtap by default and Kata takes tcfilter, so the translation names the model.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .everyHostCPU, title: "each sandbox has every CPU of the host", severity: .warning,
            explanation: "default_vcpus is negative.",
            remedy: "Set the number of CPUs that a sandbox needs; 1 is the default."),
        DiagnosticPage(
            code: .defaultWritten, title: "default of Clear Containers written out", severity: .note,
            explanation: "The file does not set the key, and today's default is not what Clear Containers did. The translation keeps what "
                + "the host had.",
            remedy: "Remove the line from the translated file to have today's default."),
    ]

    private static let releasePages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .releaseUnknown, title: "release not known", severity: .note,
            explanation:
                "Releases of Clear Containers differed in what they read and did. Where the host's release is not given, the file is "
                + "taken for one of a release whose packaged file has the same keys, or that read all of them.",
            remedy: "Say the release, as `cc-runtime --version` or the package has it, if the differences that are reported matter."),
        DiagnosticPage(
            code: .neverRead, title: "file that packages never read", severity: .warning,
            explanation:
                "Packages of 3.0.4 to 3.0.22 were built to look below /usr/share/defaults twice, and in /etc not at all. A file in "
                + "/etc then had no effect, unless cc-runtime was built from source.",
            remedy: "See what `cc-runtime --cc-show-default-config-paths` prints, and translate the first of its files that exists."),
        DiagnosticPage(
            code: .unreadKey, title: "key that the release did not read", severity: .warning,
            explanation: "The key came with a later release than the host's, or was gone by then. cc-runtime read past it without a word.",
            remedy: "Set the key in the translated file if its effect is wanted."),
        DiagnosticPage(
            code: .packagedValue, title: "value that may be the packaged one", severity: .note,
            explanation:
                "The packaged file set default_vcpus = -1 up to 3.0.21 and 1 from 3.0.22 on. A value as packaged was hardly chosen.",
            remedy: "Set the number of CPUs that a sandbox needs."),
        DiagnosticPage(
            code: .vcpuLimit, title: "vCPUs beyond the host's", severity: .note,
            explanation:
                "Up to 3.0.19 a sandbox got as many vCPUs as the file said, up to 255. From 3.0.20 on, and in Kata, a sandbox has at most as many as "
                + "the host has CPUs.",
            remedy: "Nothing has to be done, unless the number is above the host's."),
        DiagnosticPage(
            code: .parameterOrder, title: "kernel parameter that may have been overridden", severity: .note,
            explanation:
                "cc-runtime had parameters of its own. Up to 3.0.15 they came behind the user's, so that of two of the same name its "
                + "own won; from 3.0.16 on the user's won.",
            remedy: "Nothing has to be done: the parameter belongs to the guest of Clear Containers and is left out."),
    ]
}
