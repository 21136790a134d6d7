// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import KataSystem
public import KataText
internal import Migrate
internal import SystemPackage

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say what a conversion of files would report, for CI. Writes nothing.",
        discussion: """
            Each file is recognised, converted in memory, and the result is read as the new runtime would read it. The report goes to standard \
            output; its codes are stable, and 'kata-migrate explain CODE' says what each means. A named file that is not recognised is an error; \
            one that lies in a named directory is a note.

            Ends with 0 when there is no finding of the severity of --fail-on or above, with 2 when there is one, with 1 when something could \
            not be read or written, whatever was found in the rest.
            """)

    @Option(help: "How to print the report.")
    var format = DiagnosticFormat.text

    @OptionGroup var colors: ColorOptions

    @Option(name: .customLong("fail-on"), help: "The least severity that makes the check fail: error, warning or note.")
    var failOn = Severity.warning

    @Option(
        help: ArgumentHelp(
            "Compare each result with the file of its name in a directory; with one result, with a file.", valueName: "golden"))
    var expect: String?

    @Flag(help: "Write the results where --expect looks for them.")
    var update = false

    @OptionGroup var documents: DocumentOptions

    @Argument(help: ArgumentHelp("Configuration files, or directories of them.", valueName: "file"))
    var files: [String]

    func run() throws {
        let set = try documents.conversions(of: files)
        var findings = set.diagnostics
        var isIncomplete = set.isIncomplete
        if let expect {
            if update { try GoldenComparison.update(FilePath(expect), with: set) }
            let comparison = GoldenComparison(of: set, with: FilePath(expect))
            findings += comparison.diagnostics
            isIncomplete = isIncomplete || comparison.isIncomplete
        } else if update {
            throw DocumentError.updateWithoutGolden
        }
        let report = render(findings, sources: set.sources, as: format, tool: "kata-migrate", pages: allPages)
        if format == .text {
            try colors.write(report + set.summary(of: findings))
        } else {
            try StandardStream.output.write(report)
        }
        if isIncomplete { throw ExitCode.failed }
        if findings.contains(where: { $0.severity >= failOn }) { throw ExitCode.findings }
    }
}

extension ConversionSet {
    /// What was looked at and how much was found, on one line for each kind of thing.
    fileprivate func summary(of findings: [Diagnostic]) -> String {
        var text = ""
        for member in members {
            guard let title = member.conversion.title else { continue }
            let files = member.conversion.sources.map { $0.path.string.printable }.joined(separator: ", ")
            text += "\(files): \(title)\n"
        }
        let foreign = members.count { $0.conversion.title == nil }
        let counts = Severity.allCases.map { severity in "\(findings.count { $0.severity == severity }) \(severity.rawValue)s" }
        return text + "\(members.count - foreign) recognised, \(foreign) not; \(counts.joined(separator: ", "))\n"
    }
}

extension Severity: ExpressibleByArgument {
    fileprivate static func >= (a: Severity, b: Severity) -> Bool { a.weight >= b.weight }

    private var weight: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }
}

extension ExitCode {
    /// `check`: something was found. The same number as `usage`, as the other verbs that answer a question have it.
    static let findings = ExitCode(2)
}
