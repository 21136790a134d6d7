// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KataSystem
internal import Migrate

/// In which form a report is printed.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// How a verb prints what it found.
struct OutputOptions: ParsableArguments {
    @Option(help: "How to print it.")
    var format = ReportFormat.text

    @OptionGroup var colors: ColorOptions

    /// Only what is asked for is made.
    func write(text: @autoclosure () throws -> String, json: @autoclosure () throws -> String) throws {
        switch format {
        case .text: try colors.write(try text())
        case .json: try StandardStream.output.write(try json())
        }
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
