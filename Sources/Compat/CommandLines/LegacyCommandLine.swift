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
    /// What it read, and what its configuring flags are written in.
    public let dialect: Dialect
    let style: Style
    /// Flags before the verb.
    let globals: [Flag]
    let verbs: [Verb]

    /// The commands that are understood.
    public static let all = [clearContainers2, clearContainers3, runV]

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
            /// It is configuration, of a program that had no file of it.
            case configures
        }

        /// With its dashes, the long one first.
        let names: [String]
        let value: Value
        let fate: Fate
    }

    /// A command of the old program.
    struct Verb: Sendable {
        enum Fate: Sendable {
            /// Today's name.
            case named(String)
            /// Nothing does this today; why.
            case refused(String)
            /// Nothing has to be done; what is printed in its place.
            case answered(String)
        }

        enum Rest: Sendable {
            /// Flags may come behind the container's name.
            case flags
            /// What comes behind the container's name is the workload's.
            case workload
            /// The bundle may come behind the container's name, without a flag.
            case bundle
        }

        let name: String
        let fate: Fate
        var flags: [Flag] = []
        var rest = Rest.flags
        /// One of these flags has to be there; without it the next command of the name is meant.
        var marks: [String] = []
    }
}

extension LegacyCommandLine {
    /// What the arguments of the old program, its name left out, come to.
    ///
    /// - Parameters:
    ///   - hasConfiguration: whether Kata's own configuration is there: it is what the host was moved to. Asked when a command names none.
    ///   - exists: asked for the old program's own files when there is no other configuration.
    public func reading(of old: [String], hasConfiguration: () -> Bool, exists: (FilePath) -> Bool) -> Reading {
        var rest = old[...]
        var words: [String] = []
        var isConfigured = false
        while let word = rest.first, Self.isFlag(word) {
            rest.removeFirst()
            if case .configures? = flag(word, globals)?.flag.fate { isConfigured = true }
            switch read(word, &rest, globals) {
            case .run(let new): words += new
            case let other: return other
            }
        }
        let said = old[..<rest.startIndex]
        guard let name = rest.popFirst() else { return .run(words) }
        let verb =
            verbs.first { $0.name == name && claims($0, rest) } ?? Verb(name: name, fate: .named(name), rest: .workload)
        switch verb.fate {
        case .refused(let reason): return .refusal("\(name): \(reason)")
        case .answered(let text): return .answer(text)
        case .named(let today):
            if isConfigured {
                words.append(Self.call(self.name, said))
            } else if !words.contains(where: { $0.hasPrefix("--config=") }), !hasConfiguration() {
                words += ownConfiguration(exists)
            }
            words.append(today)
            return read(rest, of: verb, behind: words)
        }
    }

    /// What the old program would have taken on this host without being told.
    private func ownConfiguration(_ exists: (FilePath) -> Bool) -> [String] {
        let isFlags = globals.contains { if case .configures = $0.fate { true } else { false } }
        return isFlags ? [Self.call(name, [])] : dialect.filesInUse(exists).prefix(1).map { "--config=\($0)" }
    }

    /// A call of the old program as a line of shell, which its dialect reads.
    private static func call(_ name: String, _ flags: ArraySlice<String>) -> String {
        let words = flags.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }
        return "--legacy-call=" + ([name] + words).joined(separator: " ")
    }

    private func claims(_ verb: Verb, _ rest: ArraySlice<String>) -> Bool {
        verb.marks.isEmpty || rest.contains { flag($0, verb.flags)?.flag.names.contains(where: verb.marks.contains) == true }
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

    /// The flag that a word is, and the rest of the word.
    private func flag(_ word: String, _ flags: [Flag]) -> (flag: Flag, inline: String?)? {
        guard Self.isFlag(word) else { return nil }
        var parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if !word.hasPrefix("--"), parts[0].count > 2 {
            switch style {
            case .go: parts[0] = "-" + parts[0]
            case .glib: parts = [String(word.prefix(2)), String(word.dropFirst(2))]
            }
        }
        return flags.first { $0.names.contains(parts[0]) }.map { ($0, parts.count == 2 ? parts[1] : nil) }
    }

    /// Flags in today's words; what is not known stays as it is, for the parser of today to refuse.
    private func read(_ word: String, _ rest: inout ArraySlice<String>, _ flags: [Flag]) -> Reading {
        var (switches, last) = ([String](), word)
        // Switches of glib may share a dash.
        while style == .glib, !last.hasPrefix("--"), case (let flag, let others?)? = flag(last, flags), case .none = flag.value {
            let first = spell(flag, nil)
            guard case .run(let new) = first else { return first }
            // A dash is no switch, and must not make a long flag of what is behind it.
            guard !others.hasPrefix("-") else { return .run([word]) }
            switches += new
            last = "-" + others
        }
        let end = readOne(last, &rest, flags)
        guard case .run(let new) = end else { return end }
        return .run(switches + new)
    }

    private func readOne(_ word: String, _ rest: inout ArraySlice<String>, _ flags: [Flag]) -> Reading {
        guard let (flag, inline) = flag(word, flags) else { return .run([word]) }
        switch flag.value {
        case .none:
            if let inline, style == .go, ["false", "f", "F", "0", "FALSE", "False"].contains(inline) { return .run([]) }
            return spell(flag, nil)
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
        case .ignored, .configures: .run([])
        case .refused(let reason): value == "" ? .run([]) : .refusal("\(flag.names[0]): \(reason)")
        case .answered(let text): .answer(text(self))
        }
    }
}
