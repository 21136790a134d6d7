// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let fraktiUnknown: DiagnosticCode = "FRAKTI001"
    static let fraktiMalformed: DiagnosticCode = "FRAKTI002"
    static let fraktiType: DiagnosticCode = "FRAKTI003"
    static let fraktiValue: DiagnosticCode = "FRAKTI004"
    static let fraktiRepeated: DiagnosticCode = "FRAKTI005"
    static let fraktiWord: DiagnosticCode = "FRAKTI006"
    static let fraktiNoCall: DiagnosticCode = "FRAKTI007"
    static let fraktiDropped: DiagnosticCode = "FRAKTI008"
    static let fraktiLost: DiagnosticCode = "FRAKTI009"
    static let fraktiSize: DiagnosticCode = "FRAKTI010"
    static let fraktiDefault: DiagnosticCode = "FRAKTI011"
}

extension Frakti {
    /// What reading and translating frakti's flags reports.
    public static let pages: [DiagnosticPage] = readingPages + translationPages

    private static let readingPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .fraktiUnknown, title: "flag that frakti did not have", severity: .error,
            explanation:
                "frakti ended with its usage for a flag it did not know, so no pod ran under this line. - and _ are the same in names.",
            remedy: "Correct the name, or remove the flag."),
        DiagnosticPage(
            code: .fraktiMalformed, title: "flag of frakti without name or value", severity: .error,
            explanation: "Flags are --name=value or --name value. frakti ended with an error for anything else.",
            remedy: "Correct the line at the place shown."),
        DiagnosticPage(
            code: .fraktiType, title: "flag of frakti with a value of the wrong type", severity: .error,
            explanation: "frakti ended with its usage, so no pod ran under this line.", remedy: "Correct the value, or remove the flag."),
        DiagnosticPage(
            code: .fraktiValue, title: "flag of frakti whose value is known only when it runs", severity: .warning,
            explanation: "The value is a variable that the file does not set, or one of systemd's specifiers. It is not translated.",
            remedy: "Set the key that `kata-migrate explain` names for the flag by hand."),
        DiagnosticPage(
            code: .fraktiRepeated, title: "flag of frakti given twice", severity: .note,
            explanation: "frakti took the last of equal flags, and so does the translation.", remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .fraktiWord, title: "word among frakti's flags that belongs to none", severity: .warning,
            explanation: "frakti passed over words that were no flags. The value of a boolean flag has to be joined with a sign, as in "
                + "--logtostderr=false; a word behind it did not count.",
            remedy: "Join the word with its flag, or remove it."),
        DiagnosticPage(
            code: .fraktiNoCall, title: "file that does not start frakti", severity: .error,
            explanation: "frakti had no configuration file. Its flags stand in the unit or script that starts it.",
            remedy: "Give the file that names the program frakti."),
    ]

    private static let translationPages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .fraktiDropped, title: "flag of frakti without a successor", severity: .note,
            explanation: "What the flag configured does not exist any more, or is the engine's; the message says what does its work.",
            remedy: "Nothing has to be done."),
        DiagnosticPage(
            code: .fraktiLost, title: "flag of frakti that somebody else has to be told", severity: .warning,
            explanation: "frakti was the kubelet's engine. What the flag configured is containerd's or CRI-O's to know, or is lost; the "
                + "message says which.",
            remedy: "Configure the engine or the kubelet, or decide that the host can do without it."),
        DiagnosticPage(
            code: .fraktiSize, title: "size of pods raised to what today's guest needs", severity: .warning,
            explanation: "hyperd's guest booted in less than today's. A pod's limit was the size of its whole VM; today it is added to the "
                + "size that the configuration says.",
            remedy: "Count the host's memory anew if it runs many pods."),
        DiagnosticPage(
            code: .fraktiDefault, title: "default of frakti or hyperd written out", severity: .note,
            explanation:
                "No flag says it, and today's default is not what they did, or is spelt out because sizes matter to a host's memory.",
            remedy: "Remove the line from the translated file to have today's default."),
    ]
}
