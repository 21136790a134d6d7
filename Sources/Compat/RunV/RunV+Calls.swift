// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension RunV {
    /// A place where a file has runV called.
    struct Call: Sendable {
        /// Whose arguments they are.
        enum Program: Sendable {
            /// `runv` itself.
            case runv
            /// `runv-containerd` of 0.6.0, a program of its own.
            case containerd
        }

        let program: Program
        let arguments: [SourceWord]
        /// What names runV.
        let range: SourceRange
        /// How it names it, in one clause.
        let reason: String
        /// Whether an engine calls it for containers that name no runtime.
        let isDefault: Bool
    }

    /// Which program a path names; nil when it is none of runV's, or our own under runV's name.
    static func program(_ path: String) -> Call.Program? {
        guard !path.contains("/kata-swift/") else { return nil }
        switch path.split(separator: "/", omittingEmptySubsequences: false).last {
        case "runv", "runv.real", "runv-real", "runv.bin": return .runv
        case "runv-containerd": return .containerd
        default: return nil
        }
    }

    /// Every call in a file of whatever kind; the kind is told from the contents, as files of runV have no names of their own.
    static func calls(in source: SourceText) -> Parsed<[Call]> {
        guard source.mentions("runv") else { return Parsed(value: []) }
        switch kind(of: source) {
        case .json: return callsInJSON(source)
        case .unit: return callsInUnit(source)
        case .toml: return callsInTOML(source)
        case .shell: return callsInShell(source)
        }
    }

    private enum Kind { case json, unit, toml, shell }

    private static func kind(of source: SourceText) -> Kind {
        let first = source.bytes.first { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }
        if first == UInt8(ascii: "{") { return .json }
        if source.bytes.starts(with: "#!".utf8) { return .shell }
        let headers = source.bytes.split(separator: 0x0A).filter { $0.first == UInt8(ascii: "[") || $0.starts(with: " ".utf8) }
            .map { $0.drop { $0 == 0x20 } }
        if headers.contains(where: { $0.starts(with: "[Service]".utf8) }) { return .unit }
        if headers.contains(where: { $0.starts(with: "[plugins".utf8) || $0.starts(with: "[crio".utf8) }) { return .toml }
        return .shell
    }
}

// One kind of file each.
extension RunV {
    /// `runtimes` of docker's daemon.json.
    private static func callsInJSON(_ source: SourceText) -> Parsed<[Call]> {
        let parsed = JSONDocument.parse(source)
        guard let root = parsed.partial?.root else { return Parsed(value: nil, diagnostics: parsed.diagnostics) }
        let choice = root["default-runtime"]?.string
        let calls = (root["runtimes"]?.object ?? []).compactMap { member -> Call? in
            guard let path = member.value["path"], let text = path.string, let program = program(text) else { return nil }
            let words = member.value["runtimeArgs"]?.array ?? []
            return Call(
                program: program, arguments: words.compactMap { SourceWord($0, in: source) }, range: path.range,
                reason: "its runtime '\(member.key)' is \(text)", isDefault: member.key == choice)
        }
        return Parsed(value: calls, diagnostics: parsed.diagnostics)
    }

    /// `ExecStart=` and its kin, and variables that hold an engine's options.
    private static func callsInUnit(_ source: SourceText) -> Parsed<[Call]> {
        let parsed = SystemdUnitDocument.parse(source)
        var calls: [Call] = []
        var diagnostics = parsed.diagnostics
        for assignment in parsed.partial?.sections.filter({ $0.name == "Service" }).flatMap(\.assignments) ?? [] {
            let words = assignment.words(in: source)
            if assignment.key.hasPrefix("Exec") {
                diagnostics += words.diagnostics
                for command in assignment.commands(in: source).partial ?? [] {
                    let arguments = command.arguments.map { SourceWord($0, in: source) }
                    calls += self.calls(command.program, arguments, at: command.programRange, in: source)
                }
            } else if assignment.key == "Environment" {
                for word in words.partial ?? [] {
                    let word = SourceWord(word, in: source)
                    let nameLength = word.text.utf8.prefix { $0 != UInt8(ascii: "=") }.count
                    calls += callsOfEngine(word.dropping(nameLength + 1, in: source).split(in: source), in: source)
                }
            }
        }
        return Parsed(value: calls, diagnostics: diagnostics)
    }

    /// Every setting of containerd's or CRI-O's file that names a runtime's program; neither can give it flags.
    private static func callsInTOML(_ source: SourceText) -> Parsed<[Call]> {
        let parsed = TOMLDocument.parse(source, as: TOMLGrammar.ofEngines)
        var calls: [Call] = []
        var rest = ["plugins", "crio"].compactMap { name in parsed.partial?.root[name]?.table.map { ($0, name) } }
        while let (table, path) = rest.popLast() {
            for entry in table.entries {
                if let inner = entry.value.table { rest.append((inner, "\(path).\(entry.key)")) }
                guard runtimeKeys.contains(entry.key), let text = entry.value.string, let program = program(text) else { continue }
                calls.append(
                    Call(
                        program: program, arguments: [], range: entry.value.range, reason: "its \(path).\(entry.key) is \(text)",
                        isDefault: false))
            }
        }
        return Parsed(value: calls.sorted { $0.range.start < $1.range.start }, diagnostics: parsed.diagnostics)
    }

    private static let runtimeKeys: Set<String> = [
        "runtime", "runtime_engine", "runtime_path", "runtime_untrusted_workload", "BinaryName",
    ]

    /// A wrapper's command, or the options of an engine in a variable.
    private static func callsInShell(_ source: SourceText) -> Parsed<[Call]> {
        var reader = ShellReader(source)
        let commands = reader.read()
        var calls: [Call] = []
        for command in commands {
            for assignment in command.assignments { calls += callsOfEngine(assignment.value.split(in: source), in: source) }
            guard let program = command.program.first else { continue }
            calls += self.calls(program.text, Array(command.program.dropFirst()), at: program.range, in: source)
        }
        guard let open = reader.unclosedQuote, !calls.isEmpty else { return Parsed(value: calls) }
        let finding = Diagnostic(
            severity: .warning, code: .unclosedQuote, message: "the quote is not closed; what follows it is read as one word",
            path: source.path, range: SourceRange(at: source.position(at: open)))
        return Parsed(value: calls, diagnostics: [finding])
    }
}

// One command each.
extension RunV {
    private static func calls(_ name: String, _ arguments: [SourceWord], at range: SourceRange, in source: SourceText) -> [Call] {
        if let program = program(name) {
            return [Call(program: program, arguments: arguments, range: range, reason: "it runs \(name)", isDefault: false)]
        }
        return callsOfEngine(arguments, in: source)
    }

    /// What docker's and containerd's own options say: `--add-runtime name=path`; `--runtime path` with `--runtime-args` of containerd 0.2;
    /// `--containerd` with runV's socket.
    private static func callsOfEngine(_ words: [SourceWord], in source: SourceText) -> [Call] {
        var calls: [Call] = []
        var names: [String] = []
        var choice: String?
        var runtime: Call?
        var arguments: [SourceWord] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            guard let option = engineOptions.first(where: { word.text == $0 || word.text.hasPrefix($0 + "=") }) else { continue }
            let isJoined = word.text.utf8.count > option.utf8.count
            guard let value = isJoined ? word.dropping(option.utf8.count + 1, in: source) : rest.popFirst() else { break }
            func call(_ program: Call.Program, _ path: String) -> Call {
                Call(program: program, arguments: [], range: value.range, reason: "its \(option) is \(path)", isDefault: false)
            }
            switch option {
            case "--runtime-args": arguments.append(value)
            case "--default-runtime": choice = value.text
            case "--add-runtime":
                let parts = value.text.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2, let program = program(parts[1]) else { continue }
                names.append(parts[0])
                calls.append(call(program, parts[1]))
            case "--containerd":
                if value.text.contains("/runv-containerd/") { calls.append(call(.containerd, value.text)) }
            default: runtime = program(value.text).map { call($0, value.text) }
            }
        }
        if let choice, let place = names.firstIndex(of: choice) { calls[place] = calls[place].asDefault }
        guard let runtime else { return calls }
        return calls + [
            Call(program: .runv, arguments: arguments, range: runtime.range, reason: runtime.reason, isDefault: true)
        ]
    }

    // `--runtime` is a beginning of `--runtime-args`, which is no match because of the sign that has to follow.
    private static let engineOptions = ["--runtime-args", "--runtime", "-r", "--add-runtime", "--default-runtime", "--containerd"]
}

extension RunV.Call {
    fileprivate var asDefault: RunV.Call {
        RunV.Call(program: program, arguments: arguments, range: range, reason: reason, isDefault: true)
    }
}
