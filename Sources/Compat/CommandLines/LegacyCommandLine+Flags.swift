// SPDX-License-Identifier: Apache-2.0

// What the old programs had in common, all of them made in the likeness of runc.
extension LegacyCommandLine {
    static let version = Flag(names: ["--version", "-v"], value: .none, fate: .named("--version"))
    static let help = Flag(names: ["--help", "-h"], value: .none, fate: .named("--help"))

    static let detach = switching("--detach", "-d")
    static let force = switching("--force", "-f")
    static let allProcesses = switching("--all", "-a")
    static let format = valued("--format", "-f")
    static let quiet = switching("--quiet", "-q")

    /// Any word but json was taken for text.
    static let anyLogFormat = valued("--log-format", .respelt("--log-format") { $0 == "json" ? "json" : "text" })

    /// The engines that handed over a terminal by its path, before Docker 17.06, are of that time too.
    static let console = Flag.Fate.refused("a terminal is handed over by --console-socket only, not by its path")

    static let newContainer = [
        valued("--bundle", "-b"), valued("--console", console), valued("--console-socket"), valued("--pid-file"),
    ]

    static let newContainer2 = [
        valued("--bundle", "-b"), Flag(names: ["--console"], value: .optional, fate: console), switching("--no-pivot"),
        valued("--pid-file"),
    ]

    static let process = [
        valued("--console", console), valued("--console-socket"), valued("--cwd"), valued("--env", "-e"), switching("--tty", "-t"),
        valued("--user", "-u"), valued("--process", "-p"), detach, valued("--pid-file"),
        valued("--process-label", .ignored), valued("--apparmor", .ignored), switching("--no-new-privs"), valued("--cap", "-c"),
        switching("--no-subreaper", .ignored),
    ]

    static func valued(_ names: String..., fate: Flag.Fate? = nil) -> Flag {
        Flag(names: names, value: .needed, fate: fate ?? .named(names[0]))
    }

    static func valued(_ name: String, _ fate: Flag.Fate) -> Flag { valued(name, fate: fate) }

    static func valued(_ name: String, _ short: String, _ fate: Flag.Fate) -> Flag { valued(name, short, fate: fate) }

    static func switching(_ names: String..., fate: Flag.Fate? = nil) -> Flag {
        Flag(names: names, value: .none, fate: fate ?? .named(names[0]))
    }

    static func switching(_ name: String, _ fate: Flag.Fate) -> Flag { switching(name, fate: fate) }

    static func switching(_ name: String, _ short: String, _ fate: Flag.Fate) -> Flag { switching(name, short, fate: fate) }

    static func verb(_ name: String, as today: String? = nil, _ flags: [Flag] = [], rest: Verb.Rest = .flags) -> Verb {
        Verb(name: name, fate: .named(today ?? name), flags: flags, rest: rest)
    }
}
