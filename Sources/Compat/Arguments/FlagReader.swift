// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

/// Reads flags as the Go program that was called with them did.
struct FlagReader {
    /// Which flags a program takes for such.
    enum Grammar {
        /// Go's package flag: one dash or two; the first word that is no flag ends them.
        case go
        /// pflag: two dashes, one for names of one letter, `_` for `-`; other words may stand between.
        case posix
    }

    /// What is reported under which code.
    struct Codes {
        let unknown: DiagnosticCode
        let malformed: DiagnosticCode
        let wrongType: DiagnosticCode
        let notKnownHere: DiagnosticCode
        let repeated: DiagnosticCode
    }

    let program: String
    let grammar: Grammar
    let codes: Codes
    let source: SourceText
    private(set) var statements: [LegacyStatement] = []
    private(set) var diagnostics: [Diagnostic] = []
    private var places: [LegacyKey: Int] = [:]

    init(program: String, grammar: Grammar, codes: Codes, source: SourceText) {
        self.program = program
        self.grammar = grammar
        self.codes = codes
        self.source = source
    }

    /// Reads up to the first word that is no flag; pflag's grammar reads all.
    ///
    /// - Parameter aliases: short names of flags.
    /// - Returns: the words from there on.
    mutating func read(_ words: [SourceWord], rules: [KeyRule], aliases: [String: String] = [:]) -> [SourceWord] {
        var rest = words[...]
        var others: [SourceWord] = []
        while let word = rest.first {
            guard word.text.hasPrefix("-"), word.text.utf8.count > 1 else {
                if grammar == .go { return Array(rest) }
                others.append(word)
                rest.removeFirst()
                continue
            }
            rest.removeFirst()
            if word.text == "--" { return others + rest }
            guard var flag = Flag(word, grammar) else {
                report(codes.malformed, .error, "'\(word.text)' is no flag; \(program) ended with an error", word.range)
                statements.append(.refused(LegacyKey([], word.text), word.range))
                continue
            }
            flag.name = aliases[flag.name] ?? flag.name
            read(flag, word, &rest, rules)
        }
        return others
    }

    private mutating func read(_ flag: Flag, _ word: SourceWord, _ rest: inout ArraySlice<SourceWord>, _ rules: [KeyRule]) {
        let keyRange = word.range(of: 0..<flag.nameEnd, in: source)
        guard let rule = rules.first(where: { $0.source.name == flag.name }) else {
            let hint = suggestion(for: flag.name, in: rules.map(\.source.name))
            report(codes.unknown, .error, "\(program) had no flag '\(flag.name)'\(hint); it ended with an error", keyRange)
            statements.append(.refused(LegacyKey([], flag.name), keyRange))
            // Reading goes on for the sake of the flags behind it: what follows it is most likely its value.
            if flag.valueStart == nil, let next = rest.first, !next.text.hasPrefix("-"), rest.count > 1 { rest.removeFirst() }
            return
        }
        if let start = flag.valueStart {
            take(word.dropping(start, in: source), rule, keyRange)
        } else if rule.type == .boolean {
            set(LegacySetting(rule: rule, value: .boolean(true), keyRange: keyRange, valueRange: keyRange))
        } else if let value = rest.popFirst() {
            take(value, rule, keyRange)
        } else {
            report(codes.malformed, .error, "\(rule.source) lacks its value; \(program) ended with an error", keyRange)
            statements.append(.refused(rule.source, keyRange))
        }
    }

    private mutating func take(_ word: SourceWord, _ rule: KeyRule, _ keyRange: SourceRange) {
        if let unknown = word.unknowns.first, rule.fate.dependsOnValue {
            let reason = "its value has \(unknown), which this file does not set"
            report(codes.notKnownHere, .warning, "\(rule.source) is left out: \(reason)", word.range)
            statements.append(.left(rule.source, keyRange, .refused, because: reason))
            return
        }
        // What a variable holds cannot be checked, and does not matter here.
        guard let value = word.unknowns.isEmpty ? rule.type.value(ofGoText: word.text) : .string(word.text) else {
            let message = "\(rule.source) must be \(rule.type.boundedName), not '\(word.text)'; \(program) ended with an error"
            report(codes.wrongType, .error, message, word.range)
            statements.append(.refused(rule.source, keyRange))
            return
        }
        set(LegacySetting(rule: rule, value: value, keyRange: keyRange, valueRange: word.range))
    }

    /// Of equal flags the last counts.
    private mutating func set(_ setting: LegacySetting) {
        let key = setting.rule.source
        if let place = places[key] {
            let reason = "it is given again, and the last counts"
            report(
                codes.repeated, .note, "\(key) is given again at line \(setting.keyRange.start.line), which counts", statements[place].range
            )
            statements[place] = .left(key, statements[place].range, because: reason)
        }
        places[key] = statements.count
        statements.append(.setting(setting))
    }

    private mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange) {
        diagnostics.report(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }
}

extension [Diagnostic] {
    /// Adds a finding unless there are so many of its severity that another one helps nobody.
    mutating func report(_ diagnostic: Diagnostic) {
        guard count(where: { $0.severity == diagnostic.severity }) < 200 else { return }
        append(diagnostic)
    }
}

/// The parts of a word that is a flag, as places in its UTF-8.
private struct Flag {
    var name: String
    let nameEnd: Int
    /// Where a value stands in the same word; nil when the next word may hold it.
    let valueStart: Int?

    init?(_ word: SourceWord, _ grammar: FlagReader.Grammar) {
        let bytes = Array(word.text.utf8)
        let dashes = bytes.starts(with: "--".utf8) ? 2 : 1
        guard bytes.count > dashes, bytes[dashes] != UInt8(ascii: "-"), bytes[dashes] != UInt8(ascii: "=") else { return nil }
        if grammar == .posix, dashes == 1 {
            name = String(decoding: bytes[1...1], as: UTF8.self)
            nameEnd = 2
            valueStart = bytes.count == 2 ? nil : bytes[2] == UInt8(ascii: "=") ? 3 : 2
            return
        }
        let sign = bytes.firstIndex(of: UInt8(ascii: "="))
        nameEnd = sign ?? bytes.count
        valueStart = sign.map { $0 + 1 }
        let written = String(decoding: bytes[dashes..<nameEnd], as: UTF8.self)
        name = grammar == .posix ? String(written.map { $0 == "_" ? "-" : $0 }) : written
    }
}

extension KeyFate {
    /// Whether it matters what a key says, not only that it says something.
    fileprivate var dependsOnValue: Bool {
        switch self {
        case .carried, .mapped: true
        case .replaced, .dropped: false
        }
    }
}

extension LegacyType {
    /// What a Go program took a flag's text for; nil when it refused it.
    func value(ofGoText text: String) -> ConfigValue? {
        switch self {
        case .string: .string(text)
        case .boolean: GoSyntax.boolean(text).map { .boolean($0) }
        case .integer(let bounds): GoSyntax.integer(text).flatMap { bounds.contains($0) ? .integer($0) : nil }
        // No flag holds any other type.
        case .number, .strings, .tables: nil
        }
    }

    /// For messages.
    var boundedName: String {
        guard case .integer(let bounds) = self, bounds != Int64.min...Int64.max else { return name }
        return "\(name) from \(bounds.lowerBound) to \(bounds.upperBound)"
    }
}
