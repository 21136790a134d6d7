// SPDX-License-Identifier: Apache-2.0

/// Docs/Command-Lines.md: each command of an old runtime, its flags, and what they do today.
public enum LegacyCommandTable {
    /// The page as Markdown, ending with a line feed.
    public static func markdown(of commands: [LegacyCommandLine] = LegacyCommandLine.all) -> String {
        introduction + commands.map(chapter).joined()
    }

    private static let introduction = """
        # Command lines

        `kata-runtime` answers to the names of the runtimes before it: scripts and engines that cannot be changed at once go on calling them.
        `make install` puts the names into `libexec/kata-swift/legacy` below its prefix, where no shell looks; `kata-migrate apply` has engines
        call `cc-runtime` and `cc-oci-runtime` there, and what called `runv` call `kata-runtime` itself, as runV's flags have become
        configuration. What a name's own words come to is said here; a word that none of the tables has goes to `kata-runtime` as it is,
        which has further commands and refuses what it does not know.

        The configuration is the file that a flag of the old program names, or what its flags say of the machine; else Kata's own file where
        there is one; else what the old program would have taken by itself: its own files, or its defaults (`make install` writes Kata's own
        file where there is none, so that this is the case of a host without it). All but Kata's own is translated in memory, with one notice;
        `NAME FLAGS config check` shows every finding, and `NAME FLAGS config show` what comes of it. Output is
        today's: `list`, `state` and `ps` have runc's columns and members.

        This page is made from the tables in the program (`KATA_UPDATE_GOLDENS=1 swift test --filter CommandLinePageTests`), and a test
        compares them.

        """

    private static func chapter(_ command: LegacyCommandLine) -> String {
        var text = "\n## \(command.name)\n\n"
        text += "It read: \(command.dialect.title), `\(command.dialect.id)` in [Legacy-Keys.md](Legacy-Keys.md). "
        text += command.style == .go ? "One dash may stand for two.\n" : "A flag of one letter may have its value, or others, behind it.\n"
        text += "\n| before the command | value | today |\n|---|---|---|\n"
        for flag in command.globals { text += row([flag.title, flag.value.text, flag.fate.text(for: flag)]) }
        text += "\n| command | today | flags that stay | flags that change |\n|---|---|---|---|\n"
        for verb in command.verbs {
            let (same, other) = (verb.flags.filter(\.isSame), verb.flags.filter { !$0.isSame })
            text += row([
                verb.title, verb.text, same.map(\.title).joined(separator: ", "),
                other.map { "\($0.title): \($0.fate.text(for: $0))" }.joined(separator: "; "),
            ])
        }
        return text
    }

    private static func row(_ cells: [String]) -> String {
        "|" + cells.map { $0.isEmpty ? "" : " \($0) " }.joined(separator: "|") + "|\n"
    }
}

extension LegacyCommandLine.Flag {
    fileprivate var title: String { names.map { "`\($0)`" }.joined(separator: " ") }

    /// Whether it is today's under the same name, its value with it.
    fileprivate var isSame: Bool { if case .named(let today) = fate { today == names[0] } else { false } }
}

extension LegacyCommandLine.Flag.Value {
    fileprivate var text: String {
        switch self {
        case .none: ""
        case .needed: "yes"
        case .optional: "optional"
        }
    }
}

extension LegacyCommandLine.Flag.Fate {
    fileprivate func text(for flag: LegacyCommandLine.Flag) -> String {
        switch self {
        case .named(let today): today == flag.names[0] ? "the same" : "`\(today)`"
        case .ignored: "nothing"
        case .respelt(let today, _): "\(today == flag.names[0] ? "the same" : "`\(today)`"), its value in today's spelling"
        case .refused(let reason): "refused: \(reason)"
        case .answered: "is answered"
        case .configures: "configuration"
        }
    }
}

extension LegacyCommandLine.Verb {
    fileprivate var title: String {
        let condition = marks.isEmpty ? "" : " with \(marks.map { "`\($0)`" }.joined(separator: " or "))"
        return "`\(name)`\(condition)"
    }

    fileprivate var text: String {
        switch fate {
        case .named(let today): "`\(today)`\(rest == .bundle ? "; the bundle may stand behind the container" : "")"
        case .refused(let reason): "refused: \(reason)"
        case .answered(let text): "is answered: \(text.split(separator: "\n").joined(separator: " "))"
        }
    }
}
