// SPDX-License-Identifier: Apache-2.0

/// A unit file or drop-in of systemd, as systemd.syntax(7) defines it, with the place of every section, key and value.
public struct SystemdUnitDocument: Sendable {
    /// The bytes that were read.
    public let source: SourceText
    /// In source order; a name may occur again.
    public let sections: [SystemdSection]

    /// Reads a unit and reports all its problems. Lines that systemd ignores with a warning are warnings here too.
    public static func parse(_ source: SourceText) -> Parsed<SystemdUnitDocument> {
        var reader = SystemdUnitReader(source)
        return reader.read()
    }

    /// Every assignment of a key in all sections of a name, in source order.
    public func assignments(of key: String, in section: String) -> [SystemdAssignment] {
        sections.filter { $0.name == section }.flatMap(\.assignments).filter { $0.key == key }
    }

    /// The assignments of a list-like key (`ExecStart=`) that are in force: those behind the last empty one.
    public func effectiveAssignments(of key: String, in section: String) -> [SystemdAssignment] {
        [self].effectiveAssignments(of: key, in: section)
    }
}

extension Collection<SystemdUnitDocument> {
    /// The same over a unit and its drop-ins, in the order in which systemd reads them.
    public func effectiveAssignments(of key: String, in section: String) -> [SystemdAssignment] {
        let all = flatMap { $0.assignments(of: key, in: section) }
        let reset = all.lastIndex { $0.value.isEmpty }
        return Array(all[(reset.map { $0 + 1 } ?? 0)...])
    }
}

/// `[Name]` and what stands below it.
public struct SystemdSection: Sendable {
    /// Between the brackets.
    public let name: String
    /// With the brackets.
    public let range: SourceRange
    /// In source order; a key may occur again.
    public let assignments: [SystemdAssignment]
}

/// `Key=value`, on one line or on as many as end with a backslash.
public struct SystemdAssignment: Sendable {
    /// Left of the sign, without blanks.
    public let key: String
    /// The key.
    public let keyRange: SourceRange
    /// Right of the sign, without the blanks around it; each line end with its backslash is one blank. Empty: the key is reset.
    public let value: String
    /// The value as written; empty, behind the sign, when there is none.
    public let valueRange: SourceRange
    let logical: SystemdLogicalLine
    /// Where in the logical line the value is.
    let valueOffsets: Range<Int>

    /// The value split into words by the rules of quoting, as for `ExecStart=` or `Environment=`.
    ///
    /// A value that is quoted wrongly is an error: systemd ignores the whole assignment.
    public func words(in source: SourceText) -> Parsed<[SystemdWord]> {
        var splitter = SystemdWordSplitter(self, source: source)
        return splitter.split()
    }

    /// The commands of an `Exec…=` line, which `;` separates.
    public func commands(in source: SourceText) -> Parsed<[SystemdCommand]> {
        words(in: source).map { SystemdCommand.commands(of: $0) }
    }
}

/// One word of a value.
public struct SystemdWord: Sendable, Equatable {
    /// With quotes removed and escapes resolved. `$VARIABLE` and `%specifier` are left as they are.
    public let text: String
    /// The word as written.
    public let range: SourceRange
    /// Whether it is a bare `;`, which ends a command.
    public let isSeparator: Bool
}

/// One command of an `Exec…=` line.
public struct SystemdCommand: Sendable, Equatable {
    /// What stands before the program: of `@ - : + ! |`, as written.
    public let prefixes: String
    /// The program, without the prefixes.
    public let program: String
    /// The place of the program, with the prefixes.
    public let programRange: SourceRange
    /// What the program sees as its own name, if the prefix `@` says it is not the program's path.
    public let name: SystemdWord?
    /// The arguments behind program and name.
    public let arguments: [SystemdWord]

    static func commands(of words: [SystemdWord]) -> [SystemdCommand] {
        words.split(whereSeparator: \.isSeparator).compactMap { words in
            guard let first = words.first else { return nil }
            let prefixes = first.text.prefix { "@-:+!|".contains($0) }
            let rest = words.dropFirst()
            let hasName = prefixes.contains("@")
            return SystemdCommand(
                prefixes: String(prefixes), program: String(first.text.dropFirst(prefixes.count)), programRange: first.range,
                name: hasName ? rest.first : nil, arguments: Array(hasName ? rest.dropFirst() : rest))
        }
    }
}
