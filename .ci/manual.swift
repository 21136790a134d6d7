// SPDX-License-Identifier: Apache-2.0
// manual.swift DIRECTORY < DUMP: man pages in section 8 for a command and its subcommands, from what --experimental-dump-help says of them.

import Foundation

struct Dump: Decodable {
    let command: Command
}

struct Command: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let subcommands: [Command]?
    let arguments: [Argument]?
}

struct Argument: Decodable {
    struct Name: Decodable {
        let kind: String
        let name: String
    }

    let kind: String
    let names: [Name]?
    let valueName: String?
    let abstract: String?
    let defaultValue: String?
    let isOptional: Bool
    let isRepeating: Bool
    let shouldDisplay: Bool

    var isPositional: Bool { kind == "positional" }

    /// `-b, --bundle bundle`.
    var heading: String {
        if isPositional { return "<\(valueName ?? "value")>" }
        let spelled = (names ?? []).map { $0.kind == "short" ? "-\($0.name)" : "--\($0.name)" }
        return spelled.joined(separator: ", ") + (kind == "option" ? " <\(valueName ?? "value")>" : "")
    }

    var synopsis: String {
        let short = isPositional ? heading : heading.split(separator: ", ").last.map(String.init) ?? ""
        return (isOptional ? "[\(short)]" : short) + (isRepeating ? "..." : "")
    }
}

/// Text as roff takes it: no line begins a request, and a hyphen stays one.
func roff(_ text: String) -> String {
    let escaped = text.replacingOccurrences(of: "\\", with: "\\e").replacingOccurrences(of: "-", with: "\\-")
    return escaped.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : String(line)
    }.joined(separator: "\n")
}

func page(_ command: Command, _ names: [String]) -> String {
    let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
    let subcommands = (command.subcommands ?? []).filter { $0.commandName != "help" }
    let full = names.joined(separator: " ")
    var lines = [
        ".TH \"\(names.joined(separator: "-").uppercased())\" 8 \"\" \"kata-swift\"", ".SH NAME",
        roff(names.joined(separator: "-")) + " \\- " + roff(command.abstract ?? ""), ".SH SYNOPSIS", ".B \(roff(full))",
        roff(arguments.map(\.synopsis).joined(separator: " ") + (subcommands.isEmpty ? "" : " <subcommand>")),
    ]
    if let discussion = command.discussion, !discussion.isEmpty { lines += [".SH DESCRIPTION", roff(discussion)] }
    if !arguments.isEmpty { lines.append(".SH OPTIONS") }
    for argument in arguments {
        let preset = argument.defaultValue.map { " (default: \($0))" } ?? ""
        lines += [".TP", ".B \(roff(argument.heading))", roff((argument.abstract ?? "") + preset)]
    }
    if !subcommands.isEmpty { lines.append(".SH COMMANDS") }
    for subcommand in subcommands {
        lines += [".TP", ".BR \(roff((names + [subcommand.commandName]).joined(separator: "-"))) (8)", roff(subcommand.abstract ?? "")]
    }
    if names.count > 1 { lines += [".SH SEE ALSO", ".BR \(roff(names.dropLast().joined(separator: "-"))) (8)"] }
    return lines.joined(separator: "\n") + "\n"
}

func write(_ command: Command, below names: [String], to directory: URL) throws {
    let names = names + [command.commandName]
    let file = directory.appendingPathComponent(names.joined(separator: "-") + ".8")
    try page(command, names).write(to: file, atomically: true, encoding: .utf8)
    for subcommand in command.subcommands ?? [] where subcommand.commandName != "help" {
        try write(subcommand, below: names, to: directory)
    }
}

let dump = try JSONDecoder().decode(Dump.self, from: FileHandle.standardInput.readDataToEndOfFile())
try write(dump.command, below: [], to: URL(fileURLWithPath: CommandLine.arguments[1]))
