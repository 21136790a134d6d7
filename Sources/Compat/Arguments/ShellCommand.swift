// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A simple command of a shell script, or the assignments of a file that a shell sources.
struct ShellCommand: Sendable {
    /// `NAME=value` before the first word.
    struct Assignment: Sendable {
        let name: String
        let value: SourceWord
    }

    let assignments: [Assignment]
    /// The program and its arguments, without redirections.
    let words: [SourceWord]

    /// The words from the program on that is run in the end, behind `exec`, `sudo`, `env` and the like.
    var program: ArraySlice<SourceWord> {
        var rest = words[...]
        while let word = rest.first, Self.runners.contains(word.text) || (rest.count < words.count && word.text.contains("=")) {
            rest.removeFirst()
            // Options of the runner itself; of those with a value none is usual in wrappers.
            while let option = rest.first, option.text.hasPrefix("-") { rest.removeFirst() }
        }
        return rest
    }

    private static let runners: Set<String> = [
        "exec", "sudo", "env", "nohup", "nice", "time", "command", "if", "then", "else", "elif", "do", "while", "until", "!", "{", "export",
    ]
}

/// The commands of a script as the shell's grammar of words has them (POSIX.1-2017, Shell Command Language, 2.2 and 2.3).
///
/// Variables that the script has set from fixed text are replaced, so that their words keep the places where they are written. Nothing
/// is run, and no branch is decided: every command of the text is taken.
struct ShellReader {
    private let source: SourceText
    private let bytes: [UInt8]
    private var next = 0
    private var commands: [ShellCommand] = []
    private var assignments: [ShellCommand.Assignment] = []
    private var words: [SourceWord] = []
    private var variables: [String: Piece] = [:]
    private var piece = Piece()
    /// Where the word began; nil between words.
    private var start: Int?
    private var isTarget = false
    /// Whether no program has been named yet.
    private var mayAssign = true
    private(set) var unclosedQuote: Int?

    /// Text with the place of each byte.
    private struct Piece {
        var bytes: [UInt8] = []
        var offsets: [Int] = []
        /// What only the running shell knows, by the byte where it begins.
        var unknowns: [Int: String] = [:]

        mutating func append(_ byte: UInt8, at offset: Int) {
            bytes.append(byte)
            offsets.append(offset)
        }
    }

    /// How many bytes variables may still put into words; those that hold each other could go on without bound.
    private var budget = 1 << 20

    init(_ source: SourceText) {
        self.source = source
        bytes = source.bytes
    }

    /// All commands, in the order of the text.
    mutating func read() -> [ShellCommand] {
        while next < bytes.count { step() }
        endCommand()
        return commands
    }

    private mutating func step() {
        let byte = bytes[next]
        switch byte {
        case UInt8(ascii: "\\"):
            // A backslash before a line feed takes both away.
            if next + 1 < bytes.count, bytes[next + 1] != 0x0A { begin(); piece.append(bytes[next + 1], at: next + 1) }
            next += 2
        case UInt8(ascii: "'"): singleQuoted()
        case UInt8(ascii: "\""): doubleQuoted()
        case UInt8(ascii: "$"), UInt8(ascii: "`"): expansion(quoted: false)
        case 0x20, 0x09, 0x0D:
            endWord()
            next += 1
        case 0x0A, UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"):
            endCommand()
            next += 1
        case UInt8(ascii: "<"), UInt8(ascii: ">"):
            endRedirection()
            next += 1
        case UInt8(ascii: "#") where start == nil:
            while next < bytes.count, bytes[next] != 0x0A { next += 1 }
        default:
            begin()
            piece.append(byte, at: next)
            next += 1
        }
    }

    private mutating func begin() { if start == nil { start = next } }
}

// Quotes and expansions.
extension ShellReader {
    private mutating func singleQuoted() {
        begin()
        let open = next
        next += 1
        while next < bytes.count, bytes[next] != UInt8(ascii: "'") {
            piece.append(bytes[next], at: next)
            next += 1
        }
        close(open)
    }

    private mutating func doubleQuoted() {
        begin()
        let open = next
        next += 1
        while next < bytes.count, bytes[next] != UInt8(ascii: "\"") {
            switch bytes[next] {
            case UInt8(ascii: "\\") where next + 1 < bytes.count && "$`\"\\\n".utf8.contains(bytes[next + 1]):
                if bytes[next + 1] != 0x0A { piece.append(bytes[next + 1], at: next + 1) }
                next += 2
            case UInt8(ascii: "$"), UInt8(ascii: "`"): expansion(quoted: true)
            default:
                piece.append(bytes[next], at: next)
                next += 1
            }
        }
        close(open)
    }

    private mutating func close(_ open: Int) {
        if next >= bytes.count, unclosedQuote == nil { unclosedQuote = open }
        next += 1
    }

    /// `$NAME`, `${NAME}`, `$@`, or a command or a pattern of which only the extent matters.
    private mutating func expansion(quoted: Bool) {
        let from = next
        begin()
        next += 1
        guard bytes[from] == UInt8(ascii: "$") else { return opaque(from, until: UInt8(ascii: "`"), opening: nil) }
        guard let first = next < bytes.count ? bytes[next] : nil else { return piece.append(UInt8(ascii: "$"), at: from) }
        switch first {
        case UInt8(ascii: "("): opaque(from, until: UInt8(ascii: ")"), opening: first)
        case UInt8(ascii: "{"):
            let end = bytes[next...].firstIndex(of: UInt8(ascii: "}")) ?? bytes.count
            let name = String(decoding: bytes[(next + 1)..<max(next + 1, end)], as: UTF8.self)
            next = min(bytes.count, end + 1)
            expand(name, from, quoted)
        case UInt8(ascii: "@"), UInt8(ascii: "*"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "#"), UInt8(ascii: "?"):
            next += 1
            expand(String(decoding: [first], as: UTF8.self), from, quoted)
        case _ where first.isNameByte:
            let end = bytes[next...].firstIndex { !$0.isNameByte } ?? bytes.count
            let name = String(decoding: bytes[next..<end], as: UTF8.self)
            next = end
            expand(name, from, quoted)
        default: piece.append(UInt8(ascii: "$"), at: from)
        }
    }

    private mutating func opaque(_ from: Int, until end: UInt8, opening: UInt8?) {
        var depth = opening == nil ? 1 : 0
        while next < bytes.count {
            if bytes[next] == opening { depth += 1 } else if bytes[next] == end { depth -= 1 }
            next += 1
            if depth == 0 { break }
        }
        if depth > 0, unclosedQuote == nil { unclosedQuote = from }
        leaveUnknown(from, String(decoding: bytes[from..<next].prefix(40), as: UTF8.self))
    }

    private mutating func expand(_ name: String, _ from: Int, _ quoted: Bool) {
        guard let value = variables[name], value.bytes.count <= budget else { return leaveUnknown(from, "$\(name)") }
        budget -= value.bytes.count
        for (index, byte) in value.bytes.enumerated() {
            if !quoted, byte == 0x20 || byte == 0x09 || byte == 0x0A, !isAssignment {
                endWord()
            } else {
                begin()
                piece.unknowns[piece.bytes.count] = value.unknowns[index]
                piece.append(byte, at: value.offsets[index])
            }
        }
    }

    /// The value of an assignment is not split.
    private var isAssignment: Bool { mayAssign && piece.bytes.contains(UInt8(ascii: "=")) }

    private static let prefixes: Set<String> = ["export", "readonly", "local", "declare", "then", "else", "do", "{"]

    private mutating func leaveUnknown(_ from: Int, _ name: String) {
        piece.unknowns[piece.bytes.count] = name
        for offset in from..<next { piece.append(bytes[offset], at: offset) }
    }
}

// Ends of words and commands.
extension ShellReader {
    private mutating func endWord() {
        defer {
            start = nil
            piece = Piece()
        }
        guard let start else { return }
        if isTarget {
            isTarget = false
            return
        }
        // An unquoted variable that holds nothing is no word; an empty pair of quotes is one.
        if piece.bytes.isEmpty, next > start, bytes[start] == UInt8(ascii: "$") { return }
        if mayAssign, let sign = piece.bytes.firstIndex(of: UInt8(ascii: "=")), sign > 0,
            piece.bytes[..<sign].allSatisfy(\.isNameByte)
        {
            assign(sign, start)
        } else {
            words.append(word(piece, start))
            mayAssign = mayAssign && words.last.map { Self.prefixes.contains($0.text) } == true
        }
    }

    private mutating func assign(_ sign: Int, _ start: Int) {
        let name = String(decoding: piece.bytes[..<sign], as: UTF8.self)
        let unknowns = piece.unknowns.map { ($0.key - sign - 1, $0.value) }
        let value = Piece(
            bytes: Array(piece.bytes[(sign + 1)...]), offsets: Array(piece.offsets[(sign + 1)...]),
            unknowns: Dictionary(uniqueKeysWithValues: unknowns))
        variables[name] = value
        assignments.append(ShellCommand.Assignment(name: name, value: word(value, start)))
    }

    private func word(_ piece: Piece, _ start: Int) -> SourceWord {
        let end = min(next, bytes.count)
        let whole = SourceRange(start: source.position(at: min(start, end)), end: source.position(at: end))
        let text = String(decoding: piece.bytes, as: UTF8.self)
        // Repaired text has other bytes.
        let offsets = text.utf8.count == piece.offsets.count ? piece.offsets : nil
        let bare = SourceWord(text: text, range: whole, unknowns: piece.unknowns, offsets: offsets)
        guard let offsets, !offsets.isEmpty else { return bare }
        return SourceWord(text: text, range: bare.range(of: 0..<offsets.count, in: source), unknowns: piece.unknowns, offsets: offsets)
    }

    /// `2>&1`, `>file`: the number before and the word behind are no arguments.
    private mutating func endRedirection() {
        if piece.bytes.allSatisfy({ (0x30...0x39).contains($0) }) {
            start = nil
            piece = Piece()
        }
        endWord()
        if next + 1 < bytes.count, bytes[next + 1] == bytes[next] || bytes[next + 1] == UInt8(ascii: "&") { next += 1 }
        isTarget = true
    }

    private mutating func endCommand() {
        endWord()
        isTarget = false
        if !words.isEmpty || !assignments.isEmpty { commands.append(ShellCommand(assignments: assignments, words: words)) }
        words = []
        assignments = []
        mayAssign = true
    }
}

extension UInt8 {
    /// Of a shell variable's name.
    fileprivate var isNameByte: Bool {
        self == UInt8(ascii: "_") || (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}
