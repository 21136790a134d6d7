// SPDX-License-Identifier: Apache-2.0

internal import KataConfig
public import SystemPackage

/// A command line in a legacy runtime's words, said in the unified runtime's: scripts and engines go on calling the old name.
public struct LegacyCommandLine: Sendable {
    /// What a command line comes to.
    public enum Reading: Sendable, Equatable {
        /// Today's arguments, program name left out.
        case run([String])
        /// The old program only printed this.
        case answer(String)
        /// Nothing does this today, and leaving it out would do harm; why.
        case refusal(String)
    }

    /// The program's name.
    public let name: String
    /// What it read.
    public let dialect: Dialect
    let style: Style
    /// Flags before the verb.
    let globals: [Flag]
    let verbs: [Verb]

    /// The commands that are understood.
    public static let all = [clearContainers2, clearContainers3]

    /// The one that a program was called by.
    public static func named(_ name: String) -> LegacyCommandLine? { all.first { $0.name == name } }
}

extension LegacyCommandLine {
    /// How a parser of the time took single dashes and values of switches.
    enum Style: Sendable {
        /// Go's: `-flag` is `--flag`, `--switch=false` is possible.
        case go
        /// glib's: `-b` may be followed by its value at once.
        case glib
    }

    /// A flag of the old program.
    struct Flag: Sendable {
        enum Value: Sendable {
            case none
            case needed
            /// Taken from the next word unless that is a flag.
            case optional
        }

        enum Fate: Sendable {
            /// Today's name.
            case named(String)
            /// It did nothing, or nothing that is left; its value goes with it.
            case ignored
            /// Today's name, and its value in today's spelling.
            case respelt(String, @Sendable (String) -> String)
            /// A value that is not empty cannot be honoured.
            case refused(String)
            /// The program printed something and ended.
            case answered(@Sendable (LegacyCommandLine) -> String)
        }

        /// With its dashes, the long one first.
        let names: [String]
        let value: Value
        let fate: Fate
    }

    /// A command of the old program.
    struct Verb: Sendable {
        enum Rest: Sendable {
            /// Flags may come behind the container's name.
            case flags
            /// What comes behind the container's name is the workload's.
            case workload
            /// The bundle may come behind the container's name, without a flag.
            case bundle
        }

        let name: String
        let today: String
        let flags: [Flag]
        let rest: Rest
    }
}

extension LegacyCommandLine {
    /// What the arguments of the old program, its name left out, come to.
    ///
    /// - Parameter configuration: asked when a command is run and names no file: one that the old program read by itself.
    public func reading(of old: [String], configuration: (Dialect) -> FilePath?) -> Reading {
        var rest = old[...]
        var words: [String] = []
        while let word = rest.first, Self.isFlag(word) {
            rest.removeFirst()
            switch read(word, &rest, globals) {
            case .run(let new): words += new
            case let other: return other
            }
        }
        guard let name = rest.popFirst() else { return .run(words) }
        let verb = verbs.first { $0.name == name } ?? Verb(name: name, today: name, flags: [], rest: .workload)
        if !words.contains(where: { $0.hasPrefix("--config=") }), let file = configuration(dialect) { words.append("--config=\(file)") }
        words.append(verb.today)
        return read(rest, of: verb, behind: words)
    }

    private func read(_ rest: ArraySlice<String>, of verb: Verb, behind words: [String]) -> Reading {
        var rest = rest
        var flags: [String] = []
        var names: [String] = []
        while let word = rest.popFirst() {
            if word == "--" {
                return .run(words + flags + names + [word] + rest)
            } else if Self.isFlag(word) {
                switch read(word, &rest, verb.flags) {
                case .run(let new): flags += new
                case let other: return other
                }
            } else {
                names.append(word)
                if verb.rest == .workload { return .run(words + flags + names + rest) }
            }
        }
        if verb.rest == .bundle, names.count == 2, !flags.contains(where: { $0.hasPrefix("--bundle=") }) {
            return .run(words + flags + ["--bundle=\(names[1])", names[0]])
        }
        return .run(words + flags + names)
    }

    /// `-` alone is a name.
    private static func isFlag(_ word: String) -> Bool { word.hasPrefix("-") && word.count > 1 && word != "--" }

    /// A flag in today's words; one that is not known stays as it is, for the parser of today to refuse.
    private func read(_ word: String, _ rest: inout ArraySlice<String>, _ flags: [Flag]) -> Reading {
        var parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if !word.hasPrefix("--"), parts[0].count > 2 {
            switch style {
            case .go: parts[0] = "-" + parts[0]
            case .glib: parts = [String(word.prefix(2)), String(word.dropFirst(2))]
            }
        }
        guard let flag = flags.first(where: { $0.names.contains(parts[0]) }) else { return .run([word]) }
        let inline = parts.count == 2 ? parts[1] : nil
        switch flag.value {
        case .none:
            if let inline, style == .go, ["false", "f", "F", "0", "FALSE", "False"].contains(inline) { return .run([]) }
            let first = spell(flag, nil)
            // Switches of glib may share a dash.
            guard let inline, style == .glib, !word.hasPrefix("--"), case .run(let words) = first else { return first }
            guard case .run(let others) = read("-" + inline, &rest, flags) else { return first }
            return .run(words + others)
        case .needed:
            guard let value = inline ?? rest.popFirst() else { return .run([word]) }
            return spell(flag, value)
        case .optional:
            let follows = rest.first.map { !$0.hasPrefix("-") } ?? false
            return spell(flag, inline ?? (follows ? rest.popFirst() : nil))
        }
    }

    private func spell(_ flag: Flag, _ value: String?) -> Reading {
        switch flag.fate {
        case .named(let name): .run([value.map { "\(name)=\($0)" } ?? name])
        case .respelt(let name, let spelling): .run(["\(name)=\(spelling(value ?? ""))"])
        case .ignored: .run([])
        case .refused(let reason): value == "" ? .run([]) : .refusal("\(flag.names[0]): \(reason)")
        case .answered(let text): .answer(text(self))
        }
    }
}
