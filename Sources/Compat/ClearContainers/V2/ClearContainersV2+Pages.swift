// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let cc2OtherFile: DiagnosticCode = "CC2-001"
    static let cc2Bytes: DiagnosticCode = "CC2-002"
    static let cc2Comment: DiagnosticCode = "CC2-003"
    static let cc2NoMachine: DiagnosticCode = "CC2-004"
    static let cc2WrongType: DiagnosticCode = "CC2-005"
    static let cc2Missing: DiagnosticCode = "CC2-006"
    static let cc2UnknownKey: DiagnosticCode = "CC2-007"
    static let cc2Scalar: DiagnosticCode = "CC2-008"
    static let cc2Refused: DiagnosticCode = "CC2-009"
    static let cc2EmptyArgument: DiagnosticCode = "CC2-010"
    static let cc2UnknownTag: DiagnosticCode = "CC2-011"
    static let cc2Shell: DiagnosticCode = "CC2-012"
    static let cc2Hidden: DiagnosticCode = "CC2-013"
    static let cc2NeverRead: DiagnosticCode = "CC2-014"
    static let cc2Unused: DiagnosticCode = "CC2-015"
    static let cc2Removed: DiagnosticCode = "CC2-016"
    static let cc2ReleaseUnknown: DiagnosticCode = "CC2-017"
    static let cc2AssetReplaced: DiagnosticCode = "CC2-020"
    static let cc2MachineType: DiagnosticCode = "CC2-021"
    static let cc2MachineOption: DiagnosticCode = "CC2-022"
    static let cc2GuestParameter: DiagnosticCode = "CC2-023"
    static let cc2MeaningKept: DiagnosticCode = "CC2-024"
    static let cc2KeyDropped: DiagnosticCode = "CC2-025"
    static let cc2Lost: DiagnosticCode = "CC2-026"
    static let cc2DefaultWritten: DiagnosticCode = "CC2-027"
}

extension ClearContainersV2 {
    /// What reading and translating the files of Clear Containers 2 reports.
    public static let pages: [DiagnosticPage] = readingPages + effectPages + translationPages

    private static let readingPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .cc2OtherFile, title: "file that Clear Containers 2 had not", severity: .error,
            explanation: "The file has neither the name nor the contents of one that cc-oci-runtime read.",
            remedy: "Name the files in /etc/cc-oci-runtime, or else those in /usr/share/defaults/cc-oci-runtime."),
        DiagnosticPage(
            code: .cc2Bytes, title: "bytes that are no text", severity: .warning,
            explanation:
                "cc-oci-runtime read bytes and took a byte order mark for a part of the first word, and a null byte for the end of the list.",
            remedy: "Save the file as UTF-8 without a byte order mark."),
        DiagnosticPage(
            code: .cc2Comment, title: "comment in JSON", severity: .warning,
            explanation: "json-glib, with which cc-oci-runtime read JSON, passed over // and /* */. No other program takes such a file.",
            remedy: "Nothing has to be done for the translation."),
        DiagnosticPage(
            code: .cc2NoMachine, title: "no \"vm\" object", severity: .error,
            explanation: "Without it cc-oci-runtime created no container.", remedy: "Check that this is the file that the host used."),
        DiagnosticPage(
            code: .cc2WrongType, title: "value of the wrong type", severity: .error,
            explanation: "cc-oci-runtime found no text where it looked for one, and created no container.", remedy: "Correct the value."),
        DiagnosticPage(
            code: .cc2Missing, title: "key that Clear Containers could not do without", severity: .error,
            explanation: "The hypervisor, the image and the kernel each had to be named and to exist.",
            remedy: "Check that this is the file that the host used."),
        DiagnosticPage(
            code: .cc2UnknownKey, title: "key that Clear Containers did not know", severity: .warning,
            explanation: "cc-oci-runtime read past it, so it never had an effect. It is not translated.",
            remedy: "Correct the name if the setting is wanted."),
        DiagnosticPage(
            code: .cc2Scalar, title: "number or boolean taken for a text", severity: .note,
            explanation: "cc-oci-runtime kept every value of JSON as text.", remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .cc2Refused, title: "argument that was refused", severity: .error,
            explanation: "QEMU or cc-oci-runtime refused to start for this, so no container ran under the file.",
            remedy: "Correct the argument, or check that this is the file that the host used."),
    ]

    private static let effectPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .cc2EmptyArgument, title: "line that became an empty argument", severity: .warning,
            explanation: "cc-oci-runtime left out empty lines and lines that begin with #. A line of blanks, or of blanks and a comment, "
                + "reached QEMU as an empty argument, which it took for a disk image without a name.",
            remedy: "Nothing has to be done for the translation."),
        DiagnosticPage(
            code: .cc2UnknownTag, title: "tag that nothing took the place of", severity: .warning,
            explanation: "Each release replaced some @TAGS@. 2.1 no longer knew those of the network, and 2.2 not the one of the root file "
                + "system. An unknown tag reached QEMU as it stands.",
            remedy: "Check that the file is of the release that the host had."),
        DiagnosticPage(
            code: .cc2Shell, title: "line that a shell read", severity: .warning,
            explanation: "The wrapper script had the shell evaluate the file, with variables, commands and patterns.",
            remedy: "Write out what the shell made of it."),
        DiagnosticPage(
            code: .cc2Hidden, title: "file behind another", severity: .warning,
            explanation: "A bundle's files came before those in /etc, and those before the packaged ones. Each file was used whole.",
            remedy: "Translate the file that was used alone, or remove the other."),
        DiagnosticPage(
            code: .cc2NeverRead, title: "file that was never read", severity: .warning,
            explanation: "kernel-cmdline is packaged, but only its copy in vm.json was used.",
            remedy: "Set kernel_params in the translated file if the parameters are wanted."),
        DiagnosticPage(
            code: .cc2Unused, title: "kernel parameters that were not used", severity: .warning,
            explanation: "hypervisor.args hands on the parameters of vm.json with @KERNEL_PARAMS@. This one does not have it.",
            remedy: "Set kernel_params in the translated file if the parameters are wanted."),
        DiagnosticPage(
            code: .cc2Removed, title: "packaged argument that was taken out", severity: .note,
            explanation:
                "What the packaged file has and this one has not was taken out by someone. Today's runtime makes its own command line.",
            remedy: "See whether the reason for taking it out still holds."),
        DiagnosticPage(
            code: .cc2ReleaseUnknown, title: "release not known", severity: .note,
            explanation:
                "Releases of Clear Containers 2 had different packaged files, tags and ways to attach disks. Where the host's release "
                + "is not given, the files are taken for those of a release whose packaged files they resemble.",
            remedy: "Say the release, as `cc-oci-runtime --version` or the package has it, if the differences that are named matter."),
    ]

    private static let translationPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .cc2AssetReplaced, title: "file of Clear Containers replaced by ours", severity: .note,
            explanation:
                "The hypervisor, kernel and image of Clear Containers form a set with cc-agent and cannot be used with today's agent.",
            remedy: "Nothing has to be done. A kernel of your own has to be built anew; see Docs/Decisions/0008-guest-kernel.md."),
        DiagnosticPage(
            code: .cc2MachineType, title: "machine type replaced by q35", severity: .warning,
            explanation: "Guests run on q35.", remedy: "Check what depends on the guest's PCI layout."),
        DiagnosticPage(
            code: .cc2MachineOption, title: "machine option changed", severity: .warning,
            explanation: "QEMU builds for Clear Containers had -machine options of their own, which upstream QEMU refuses.",
            remedy: "Nothing has to be done; compare the guest's devices if you depend on one."),
        DiagnosticPage(
            code: .cc2GuestParameter, title: "kernel parameter left out", severity: .warning,
            explanation: "The parameter steered the guest of Clear Containers, which ran systemd from an image.",
            remedy: "Nothing, unless the parameter was there for another reason."),
        DiagnosticPage(
            code: .cc2MeaningKept, title: "argument said in another way", severity: .note,
            explanation: "A key of today asks for what the argument asked for.", remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .cc2KeyDropped, title: "key or argument without a successor", severity: .note,
            explanation: "What it configured does not exist any more, or is arranged by the runtime; the message says how.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .cc2Lost, title: "argument whose effect is lost", severity: .warning,
            explanation: "QEMU's command line was free text, and is not any more. The message says what happens instead.",
            remedy: "Decide whether the host can do without it."),
        DiagnosticPage(
            code: .cc2DefaultWritten, title: "default of Clear Containers written out", severity: .note,
            explanation: "No file sets it, and today's default is not what Clear Containers 2 did.",
            remedy: "Remove the line from the translated file to have today's default."),
    ]
}
