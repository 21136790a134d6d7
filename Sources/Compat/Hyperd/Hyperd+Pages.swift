// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let hyperdLine: DiagnosticCode = "HYPERD001"
    static let hyperdUnknown: DiagnosticCode = "HYPERD002"
    static let hyperdRepeated: DiagnosticCode = "HYPERD003"
    static let hyperdEndless: DiagnosticCode = "HYPERD004"
    static let hyperdMissingName: DiagnosticCode = "HYPERD005"
    static let hyperdNoBoolean: DiagnosticCode = "HYPERD006"
    static let hyperdNoNumber: DiagnosticCode = "HYPERD007"
    static let hyperdBaseSize: DiagnosticCode = "HYPERD008"
    static let hyperdPolicy: DiagnosticCode = "HYPERD009"
    static let hyperdOneFactory: DiagnosticCode = "HYPERD010"
    static let hyperdRefusedValue: DiagnosticCode = "HYPERD011"
    static let hyperdUnread: DiagnosticCode = "HYPERD012"
    static let hyperdAsset: DiagnosticCode = "HYPERD013"
    static let hyperdDriver: DiagnosticCode = "HYPERD014"
    static let hyperdDriverRefused: DiagnosticCode = "HYPERD015"
    static let hyperdDropped: DiagnosticCode = "HYPERD016"
    static let hyperdLost: DiagnosticCode = "HYPERD017"
    static let hyperdSize: DiagnosticCode = "HYPERD018"
    static let hyperdDefault: DiagnosticCode = "HYPERD019"
}

extension Hyperd {
    /// What reading and translating `/etc/hyper/config` reports.
    public static let pages: [DiagnosticPage] = readingPages + valuePages + translationPages

    private static let readingPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .hyperdLine, title: "line that hyperd could not read", severity: .error,
            explanation:
                "A line is a header in brackets, a key with = or : behind it, a comment with # or ; in front, or empty. hyperd ended "
                + "without a word for anything else. Key and value stand on one line, and a comment has one of its own.",
            remedy: "Correct the line."),
        DiagnosticPage(
            code: .hyperdUnknown, title: "key that hyperd did not know", severity: .warning,
            explanation: "hyperd read past keys it did not know, and past every section but [Log]. Names have to be written exactly, "
                + "capital letters included.",
            remedy: "Correct the name if the setting is wanted; the translation of the corrected file then has it."),
        DiagnosticPage(
            code: .hyperdRepeated, title: "key given twice", severity: .note,
            explanation: "hyperd took the last of equal keys, and so does the translation.", remedy: "Remove the one that is not meant."),
        DiagnosticPage(
            code: .hyperdEndless, title: "value that refers to itself", severity: .error,
            explanation: "`%(name)s` stands for the value of the key of that name. hyperd ended when such names led in a circle.",
            remedy: "Write the value out."),
        DiagnosticPage(
            code: .hyperdMissingName, title: "value with a name that leads nowhere", severity: .warning,
            explanation: "hyperd put nothing in the place of `%(name)s` when no key had the name. It also took every s from the end of a "
                + "name, so that `%(routes)s` asked for route.",
            remedy: "Write the value out, or give the key another name."),
        DiagnosticPage(
            code: .hyperdUnread, title: "key that the host's hyperd did not read", severity: .warning,
            explanation: "The release on the host knew the key no more, or not yet, so that it had no effect.",
            remedy: "Nothing has to be done; remove the key."),
    ]

    private static let valuePages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .hyperdNoBoolean, title: "value that is neither true nor false", severity: .warning,
            explanation: "hyperd took 1, t, true, 0, f, false and their forms in capitals. Anything else was false, without a word.",
            remedy: "Write true or false."),
        DiagnosticPage(
            code: .hyperdNoNumber, title: "value that is no number", severity: .error,
            explanation: "hyperd refused to start for this.", remedy: "Correct the value, or remove the key."),
        DiagnosticPage(
            code: .hyperdBaseSize, title: "size that hyperd 1.0.0 took for nothing", severity: .note,
            explanation:
                "StorageBaseSize was a plain number in 1.0.0, which took a size with a unit for 0, and is a size with a unit since "
                + "1.1.0.",
            remedy: "Nothing has to be done; the engine says how large disks are."),
        DiagnosticPage(
            code: .hyperdPolicy, title: "factory policy that hyperd could not read", severity: .warning,
            explanation: "VmFactoryPolicy is a list of JSON objects with commas between and no brackets around, or none. hyperd logged "
                + "\"Incorrect policy\" for anything else and went on without what it could not read.",
            remedy: "Correct the policy, or set the keys of [factory] by hand."),
        DiagnosticPage(
            code: .hyperdOneFactory, title: "part of a factory policy that Kata cannot do", severity: .warning,
            explanation:
                "Kata keeps VMs of one size ready, from a template or in a cache. The part of the policy for the smallest VM, which "
                + "a pod without a size got, is translated, and its template goes before its cache.",
            remedy:
                "Set vm_cache_number in place of enable_template if pods have to start faster than memory matters. kata-swift has neither yet (CFG020)."
        ),
        DiagnosticPage(
            code: .hyperdRefusedValue, title: "value that hyperd refused", severity: .error,
            explanation: "hyperd knew a fixed list of values for this key and did not start with another one.",
            remedy: "Take one of the values that the message names."),
    ]

    private static let translationPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .hyperdAsset, title: "kernel or initrd of hyperd replaced by ours", severity: .note,
            explanation: "hyperd's kernel and initrd form a set with hyperstart, which today's runtime cannot talk to.",
            remedy: "Nothing has to be done. A kernel of your own has to be built anew; see Docs/Decisions/0008-guest-kernel.md."),
        DiagnosticPage(
            code: .hyperdDriver, title: "hypervisor said in other words", severity: .note,
            explanation: "hyperd's drivers of QEMU differ in what happens without KVM, which is the key accelerator today.",
            remedy: "Check what relies on virsh if the driver was libvirt."),
        DiagnosticPage(
            code: .hyperdDriverRefused, title: "hypervisor without an equivalent", severity: .error,
            explanation: "Sandboxes run on QEMU. A host that ran them on Xen, kvmtool or VirtualBox cannot be taken over as it is.",
            remedy: "Bring up KVM on the host, then set Hypervisor to kvm and translate again."),
        DiagnosticPage(
            code: .hyperdDropped, title: "key of hyperd without a successor", severity: .note,
            explanation: "What the key configured does not exist any more; the message says what does its work.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .hyperdLost, title: "key of hyperd whose effect is lost", severity: .warning,
            explanation: "hyperd was engine and runtime in one, and the runtime does not do what the key configured; the message says who "
                + "does.",
            remedy: "Configure the engine, or decide that the host can do without it."),
        DiagnosticPage(
            code: .hyperdSize, title: "size changed to what today's guest needs", severity: .warning,
            explanation: "hyperd's guest booted in less than today's. A pod's size was that of its whole VM; today its limits are added to "
                + "the size that the configuration says.",
            remedy: "Count the host's memory anew if it runs many pods."),
        DiagnosticPage(
            code: .hyperdDefault, title: "default of hyperd written out", severity: .note,
            explanation: "The file does not set it, and today's default is not what hyperd did, or is spelt out because sizes matter to a "
                + "host's memory.",
            remedy: "Remove the line from the translated file to have today's default."),
    ]
}
