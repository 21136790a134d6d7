// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// One word that a program gets, wherever it was written.
struct CommandWord {
    let text: String
    let file: FilePath
    let range: SourceRange
    private let origin: Origin

    private enum Origin {
        case unit(SystemdWord, SourceText)
        case variable(LocatedText)
    }

    init(_ word: SystemdWord, in source: SourceText) {
        (text, file, range, origin) = (word.text, source.path, word.range, .unit(word, source))
    }

    init(_ word: LocatedText) {
        (text, file, range, origin) = (word.text, word.source.path, word.range, .variable(word))
    }

    /// How the last bytes of the word can be written anew; nil when they cannot.
    func spelling(ofLast count: Int) -> PathSpelling? {
        switch origin {
        case .unit(let word, let source):
            // Of a word that is written as it is only these bytes have to change, of one with quotes or escapes the whole word.
            guard source.text(of: word.range) == word.text else {
                let prefix = String(decoding: word.text.utf8.dropLast(count), as: UTF8.self)
                return PathSpelling(range: word.range, quoting: .unit(prefix: prefix))
            }
            let start = source.position(at: word.range.end.offset - count)
            return PathSpelling(range: SourceRange(start: start, end: word.range.end), quoting: .unit(prefix: ""))
        case .variable(let word):
            // Of bytes that are no UTF-8 the text says something else.
            guard count > 0, text.utf8.count == word.bytes.count else { return nil }
            let value = word.dropFirst(word.bytes.count - count)
            guard value.isVerbatim else { return nil }
            return PathSpelling(range: value.range, quoting: .variable(word.variable))
        }
    }

    /// Whether `%%` and `$$` stand for one each, as they do in units (systemd.service(5), "Command lines").
    var hasSpecifiers: Bool { if case .unit = origin { true } else { false } }
}

/// The words of an engine's command line: from the `ExecStart=` that is in force, and from the variables that it names.
struct EngineCommandLine {
    private(set) var words: [CommandWord] = []
    /// Variables that nothing at hand sets.
    private(set) var unknownVariables: [CommandWord] = []
    private(set) var diagnostics: [Diagnostic] = []
    private var variables: [String: LocatedText] = [:]

    /// - Parameters:
    ///   - programs: names of the program; a unit's other commands are passed over.
    ///   - units: the unit and its drop-ins in the order in which systemd reads them.
    ///   - environment: the files that `EnvironmentFile=` names, as far as they are at hand.
    init(of programs: Set<String>, units: [SourceText], environment: [SourceText]) {
        var commands: [(SystemdAssignment, SourceText)] = []
        var environments: [(SystemdAssignment, SourceText)] = []
        var files: [String] = []
        for unit in units {
            let parsed = SystemdUnitDocument.parse(unit)
            diagnostics += parsed.diagnostics
            let sections = parsed.partial?.sections.filter { $0.name == "Service" } ?? []
            for assignment in sections.flatMap(\.assignments) {
                switch assignment.key {
                // An empty assignment takes back those before it, in whatever file they stand.
                case "ExecStart": commands = assignment.value.isEmpty ? [] : commands + [(assignment, unit)]
                case "Environment": environments = assignment.value.isEmpty ? [] : environments + [(assignment, unit)]
                case "EnvironmentFile": files = assignment.value.isEmpty ? [] : files + [assignment.value]
                default: break
                }
            }
        }
        for (assignment, unit) in environments {
            let parsed = assignment.words(in: unit)
            diagnostics += parsed.diagnostics
            for word in parsed.partial ?? [] {
                let name = String(word.text.prefix { $0 != "=" })
                if name.utf8.count < word.text.utf8.count { variables[name] = LocatedText(valueOf: word, in: unit) }
            }
        }
        // systemd.exec(5): settings from these files override those of Environment=.
        for file in files {
            let name = String(file.drop { $0 == "-" })
            for source in environment where source.path.string == name || source.path.string.hasSuffix(name) {
                for assignment in EnvironmentFile(source).assignments { variables[assignment.name] = assignment.value }
            }
        }
        for (assignment, unit) in commands { read(assignment, of: programs, unit) }
    }

    private mutating func read(_ assignment: SystemdAssignment, of programs: Set<String>, _ unit: SourceText) {
        let parsed = assignment.commands(in: unit)
        diagnostics += parsed.diagnostics
        for command in parsed.partial ?? [] {
            guard programs.contains(FilePath(command.program).lastComponent?.string ?? "") || programs.isEmpty else { continue }
            for word in command.arguments {
                guard let name = Self.variable(word.text) else {
                    words.append(CommandWord(word, in: unit))
                    continue
                }
                if let value = variables[name] {
                    words += value.words.map { CommandWord($0) }
                } else {
                    unknownVariables.append(CommandWord(word, in: unit))
                }
            }
        }
    }

    /// The name in `$NAME` or `${NAME}`, where that is the whole word.
    static func variable(_ word: String) -> String? {
        guard word.hasPrefix("$"), !word.hasPrefix("$$") else { return nil }
        let name = word.dropFirst()
        return name.hasPrefix("{") && name.hasSuffix("}") ? String(name.dropFirst().dropLast()) : String(name)
    }
}
