// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let unknownFlag: DiagnosticCode = "RUNV001"
    static let malformedFlag: DiagnosticCode = "RUNV002"
    static let flagType: DiagnosticCode = "RUNV003"
    static let refusedFlag: DiagnosticCode = "RUNV004"
    static let unknownValue: DiagnosticCode = "RUNV005"
    static let repeatedFlag: DiagnosticCode = "RUNV006"
    static let strayWord: DiagnosticCode = "RUNV007"
    static let unclosedQuote: DiagnosticCode = "RUNV008"
    static let noCall: DiagnosticCode = "RUNV009"
    static let plainCall: DiagnosticCode = "RUNV010"
    static let otherCall: DiagnosticCode = "RUNV011"
    static let runvAsset: DiagnosticCode = "RUNV012"
    static let driverRefused: DiagnosticCode = "RUNV013"
    static let driverChanged: DiagnosticCode = "RUNV014"
    static let flagDropped: DiagnosticCode = "RUNV015"
    static let flagLost: DiagnosticCode = "RUNV016"
    static let runvMemory: DiagnosticCode = "RUNV017"
    static let newTemplate: DiagnosticCode = "RUNV018"
    static let runvDefault: DiagnosticCode = "RUNV019"
    static let perContainer: DiagnosticCode = "RUNV020"
}

extension RunV {
    /// What reading and translating the flags of runV reports.
    public static let pages: [DiagnosticPage] = readingPages + callPages + translationPages

    private static let readingPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .unknownFlag, title: "flag that runV did not have", severity: .error,
            explanation: "runV ended with its usage for a flag it did not know, so no container ran under this line. `--vsock` is one that "
                + "its sources ask for and no release declared.",
            remedy: "Correct the name, or remove the flag."),
        DiagnosticPage(
            code: .malformedFlag, title: "flag without name or value", severity: .error,
            explanation: "Flags are -name value, --name value or --name=value. runV ended with an error for anything else.",
            remedy: "Correct the line at the place shown."),
        DiagnosticPage(
            code: .flagType, title: "flag with a value of the wrong type", severity: .error,
            explanation:
                "runV ended with its usage, so no container ran under this line. Numbers may be octal (0200) or hexadecimal (0x80).",
            remedy: "Correct the value, or remove the flag."),
        DiagnosticPage(
            code: .refusedFlag, title: "value that runV refused", severity: .error,
            explanation: "runV knew a fixed list of values for this flag and started no container with another one.",
            remedy: "Take one of the values that the message names."),
        DiagnosticPage(
            code: .unknownValue, title: "flag whose value is known only when it runs", severity: .warning,
            explanation: "The value is a variable that the file does not set, or the output of a command. It is not translated.",
            remedy: "Set the key that `kata-migrate explain` names for the flag by hand."),
        DiagnosticPage(
            code: .repeatedFlag, title: "flag given twice", severity: .note,
            explanation: "runV took the last of equal flags, and so does the translation.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .strayWord, title: "word among the flags that is no command", severity: .error,
            explanation:
                "The first word that is no flag was the command to runV, and everything behind it belonged to the command. What the "
                + "engine added came too late. A value of a boolean flag has to be joined with a sign, as in --debug=true.",
            remedy: "Correct the line at the place shown."),
        DiagnosticPage(
            code: .unclosedQuote, title: "quote that is not closed", severity: .warning,
            explanation: "A shell refuses the file from there on; what stands before may still be in use.",
            remedy: "Close the quote."),
    ]

    private static let callPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .noCall, title: "file that does not call runV", severity: .error,
            explanation:
                "runV had no configuration file. Its flags stand where it is called: in daemon.json, in units, in the files with the "
                + "options of engines and in wrapper scripts. None of those that were given calls it.",
            remedy: "Give the file that names the program runv."),
        DiagnosticPage(
            code: .plainCall, title: "call of runV without flags", severity: .note,
            explanation: "All of runV's defaults held; the translation writes them out where today's differ.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .otherCall, title: "calls of runV with different flags", severity: .warning,
            explanation:
                "There is one configuration, and the flags of the default runtime, or else of the first call with flags, become it.",
            remedy:
                "Give the file with the other call alone to have its translation, and choose one of both with a runtime of its own name."),
        DiagnosticPage(
            code: .perContainer, title: "variable of one container that runV took for itself", severity: .warning,
            explanation:
                "runV took hypervisor.kernel, .initrd, .bios and .cbfs out of a container's environment and booted its VM with them. "
                + "Today the workload would see them, and annotations do what they did.",
            remedy: "Remove the variable; set the annotation if a kernel was built anew for this container."),
    ]

    private static let translationPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .runvAsset, title: "kernel or initrd of runV replaced by ours", severity: .note,
            explanation:
                "runV's kernel and initrd form a set with hyperstart, which today's runtime cannot talk to. It searched the bundle "
                + "and /var/lib/hyper for what no flag named; that search is replaced as well.",
            remedy: "Nothing has to be done. A kernel of your own has to be built anew; see Docs/Decisions/0008-guest-kernel.md."),
        DiagnosticPage(
            code: .driverRefused, title: "driver without an equivalent", severity: .error,
            explanation: "Sandboxes run on QEMU. A host that ran them on Xen, kvmtool or VirtualBox cannot be taken over as it is.",
            remedy: "Bring up KVM on the host, then set the driver to kvm and translate again."),
        DiagnosticPage(
            code: .driverChanged, title: "driver said in other words", severity: .note,
            explanation: "runV's drivers of QEMU differ in what happens without KVM, which is the key accelerator today.",
            remedy: "Check what relies on virsh if the driver was libvirt."),
        DiagnosticPage(
            code: .flagDropped, title: "flag without a successor", severity: .note,
            explanation: "What the flag configured does not exist any more; the message says what does its work.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .flagLost, title: "flag whose effect is lost", severity: .warning,
            explanation: "Nothing today does what the flag did; the message says what happens instead.",
            remedy: "Decide whether the host can do without it."),
        DiagnosticPage(
            code: .runvMemory, title: "size raised to what today's guest needs", severity: .warning,
            explanation: "runV's guest booted in less than today's. A memory limit was the size of runV's whole VM; today it is added to "
                + "the size that the configuration says.",
            remedy: "Count the host's memory anew if it runs many sandboxes."),
        DiagnosticPage(
            code: .newTemplate, title: "template made anew", severity: .warning,
            explanation:
                "runV cloned sandboxes from a VM that `runv manage create-template` had saved. The keys that ask for it today are written; "
                + "upstream's runtimes make the saved VM anew, and kata-swift has none yet (CFG020).",
            remedy: "Run `runv --template DIR manage remove-template`, or unmount the directory, when runV is no longer used."),
        DiagnosticPage(
            code: .runvDefault, title: "default of runV written out", severity: .note,
            explanation:
                "No flag says it, and today's default is not what runV did, or is spelt out because sizes matter to a host's memory.",
            remedy: "Remove the line from the translated file to have today's default."),
    ]
}
