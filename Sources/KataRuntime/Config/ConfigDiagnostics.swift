// SPDX-License-Identifier: Apache-2.0
public import KataText

/// What can be wrong with the unified configuration.
public enum ConfigDiagnostics {
    static let noFile: DiagnosticCode = "CFG001"
    static let unreadable: DiagnosticCode = "CFG002"
    static let notADropIn: DiagnosticCode = "CFG003"
    public static let legacyFile: DiagnosticCode = "CFG004"
    static let unknownKey: DiagnosticCode = "CFG010"
    static let unknownTable: DiagnosticCode = "CFG011"
    static let wrongType: DiagnosticCode = "CFG012"
    static let notAllowed: DiagnosticCode = "CFG013"
    static let unbuilt: DiagnosticCode = "CFG020"
    static let unbuiltNeutral: DiagnosticCode = "CFG021"
    static let unbuiltValue: DiagnosticCode = "CFG022"
    static let foreignKey: DiagnosticCode = "CFG023"
    static let retired: DiagnosticCode = "CFG024"
    static let foreignHypervisor: DiagnosticCode = "CFG025"
    static let unusedHypervisor: DiagnosticCode = "CFG026"
    static let unknownHypervisor: DiagnosticCode = "CFG027"
    static let twoRoots: DiagnosticCode = "CFG030"
    static let imageOnly: DiagnosticCode = "CFG031"
    static let vcpuLimit: DiagnosticCode = "CFG032"
    static let networkNamespace: DiagnosticCode = "CFG033"

    /// One page for each code, in the order of the codes.
    public static let pages: [DiagnosticPage] = filePages + keyPages + featurePages + rulePages

    private static let filePages = [
        DiagnosticPage(
            code: noFile, title: "no configuration file was found", severity: .error,
            explanation: """
                The file is the one named by --config, else the one named by KATA_CONF_FILE, else \
                /etc/kata-containers/configuration.toml, else /usr/share/defaults/kata-containers/configuration.toml. A file that is \
                named explicitly and missing is an error; nothing else is tried then.
                """,
            remedy: "Write the file, or name an existing one with --config."),
        DiagnosticPage(
            code: unreadable, title: "a configuration file cannot be read", severity: .error,
            explanation: "The configuration file or one of its drop-ins in config.d exists and cannot be read.",
            remedy: "See the reason behind the message: permissions, a broken link, or a directory in place of a file."),
        DiagnosticPage(
            code: notADropIn, title: "an entry of config.d is not read", severity: .warning,
            explanation: """
                Only files in config.d whose names end in .toml are drop-ins; they are laid over the configuration file in the order \
                of their names. Kata itself would read this entry too.
                """,
            remedy: "Rename it to end in .toml if it is meant, or move it elsewhere."),
        DiagnosticPage(
            code: legacyFile, title: "a legacy file was translated in memory", severity: .note,
            explanation: """
                The file given as configuration belongs to a system that came before Kata. It was translated for this run, and \
                nothing was written.
                """,
            remedy: "Write the translation down once with kata-migrate convert, and use that."),
    ]

    private static let keyPages = [
        DiagnosticPage(
            code: unknownKey, title: "unknown key", severity: .warning,
            explanation: "Neither Kata nor this runtime has a key of that name in that table. It is ignored, as Kata ignores it silently.",
            remedy: "Correct the name, or remove the line."),
        DiagnosticPage(
            code: unknownTable, title: "unknown table", severity: .warning,
            explanation: "Neither Kata nor this runtime reads a table of that name. Its keys are ignored.",
            remedy: "Correct the name, or remove the table."),
        DiagnosticPage(
            code: wrongType, title: "a value has the wrong type", severity: .error,
            explanation: "The key is known and its value is of another TOML type. A number in quotes is a string.",
            remedy: "Write a value of the type that the message names."),
        DiagnosticPage(
            code: notAllowed, title: "a value is not allowed", severity: .error,
            explanation: "The value has the right type and lies outside what the key allows.",
            remedy: "Take one of the values, or a value of the range, that the message names."),
    ]

    private static let rulePages = [
        DiagnosticPage(
            code: twoRoots, title: "image and initrd are both set", severity: .error,
            explanation: "A guest has one root file system: Kata refuses a file that names an image and an initrd, and so do we.",
            remedy: "Remove one of the two; a drop-in takes back a lower layer's image with image = \"\"."),
        DiagnosticPage(
            code: imageOnly, title: "the guest has an image and no initrd", severity: .error,
            explanation: "The guest is to boot from an image, which is not built yet: this runtime boots an initrd.",
            remedy: "Name an initrd, and remove image or set it to \"\"."),
        DiagnosticPage(
            code: vcpuLimit, title: "default_maxvcpus is below default_vcpus", severity: .warning,
            explanation: "A VM cannot boot with more vCPUs than it may ever have. The limit is raised to default_vcpus.",
            remedy: "Raise default_maxvcpus or lower default_vcpus."),
        DiagnosticPage(
            code: networkNamespace, title: "disable_new_netns needs internetworking_model = \"none\"", severity: .error,
            explanation: "A VM in the host's network namespace must not be connected to the host's interfaces.",
            remedy: "Set internetworking_model = \"none\", or remove disable_new_netns."),
    ]
}
