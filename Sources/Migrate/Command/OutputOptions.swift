// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import KataSystem
internal import Migrate
internal import SystemPackage

/// In which form a report is printed.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// How a verb prints what it found.
struct OutputOptions: ParsableArguments {
    @Option(help: "How to print it.")
    var format = ReportFormat.text

    @OptionGroup var colors: ColorOptions

    @Flag(name: .shortAndLong, help: "Ask nothing; a verb that only looks never does.")
    var yes = false

    @Option(help: ArgumentHelp("Append what is said to a file, too.", valueName: "path"))
    var log: String?

    /// Only what is asked for is made.
    func write(text: @autoclosure () throws -> String, json: @autoclosure () throws -> String) throws {
        let said = format == .text ? try text() : try json()
        if format == .text { try colors.write(said) } else { try StandardStream.output.write(said) }
        try append(said)
    }

    /// To the file, each line with the time.
    func append(_ said: String) throws(SystemError) {
        guard let log else { return }
        let time = Timestamp.now().rfc3339
        let lines = said.split(separator: "\n").map { "\(time) \($0)\n" }.joined()
        try OwnedFD.open(FilePath(log), O_WRONLY | O_CREAT | O_APPEND, mode: 0o600).writeAll(Array(lines.utf8))
    }
}

/// Whether what a verb prints for people has colours.
struct ColorOptions: ParsableArguments {
    enum Choice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

    @Option(help: "Colours in text; auto: when it goes to a terminal, and NO_COLOR is not set.")
    var color = Choice.auto

    func write(_ text: String, to stream: StandardStream = .output) throws {
        try stream.write(isWanted(on: stream) ? text.painted : text)
    }

    private func isWanted(on stream: StandardStream) -> Bool {
        switch color {
        case .always: return true
        case .never: return false
        case .auto:
            let environment = Environment.variables()
            // https://no-color.org: whatever it is set to, if that is not empty.
            return stream.isTerminal && environment["TERM"] != "dumb" && environment["NO_COLOR", default: ""].isEmpty
        }
    }
}
