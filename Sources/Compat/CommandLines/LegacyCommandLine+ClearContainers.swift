// SPDX-License-Identifier: Apache-2.0

internal import KataConfig
internal import SystemPackage

// The commands of Clear Containers.
extension LegacyCommandLine {
    /// `cc-runtime` of 3.0.0 to 3.0.23.
    static let clearContainers3 = LegacyCommandLine(
        name: "cc-runtime", dialect: ClearContainersV3.dialect, style: .go,
        globals: [
            valued("--cc-config", .named("--config")), valued("--log"), valued("--log-format"), valued("--root"), switching("--debug"),
            version, help,
            switching("--cc-show-default-config-paths", .answered { $0.configurationPaths }),
        ],
        verbs: [
            Verb(name: "create", today: "create", flags: newContainer, rest: .flags),
            Verb(name: "run", today: "run", flags: newContainer + [switching("--detach", "-d")], rest: .flags),
            Verb(name: "exec", today: "exec", flags: process, rest: .workload),
            Verb(name: "delete", today: "delete", flags: [switching("--force", "-f")], rest: .flags),
            Verb(name: "kill", today: "kill", flags: [switching("--all", "-a")], rest: .flags),
            Verb(
                name: "list", today: "list",
                flags: [valued("--format", "-f"), switching("--quiet", "-q"), switching("--cc-all", .ignored)], rest: .flags),
            Verb(name: "ps", today: "ps", flags: [valued("--format", "-f")], rest: .workload),
            plain("start"), plain("state"), plain("pause"), plain("resume"), plain("version"), plain("help"),
            Verb(name: "cc-check", today: "check", flags: [], rest: .flags),
            Verb(name: "cc-env", today: "env", flags: [], rest: .flags),
        ])

    /// `cc-oci-runtime` of 2.0.0 to 2.2.4.
    static let clearContainers2 = LegacyCommandLine(
        name: "cc-oci-runtime", dialect: ClearContainersV2.dialect, style: .glib,
        globals: [
            valued("--log"), valued("--root"), switching("--debug", "-d"), version, help,
            // Any word but json was taken for text.
            valued("--log-format", .respelt("--log-format") { $0 == "json" ? "json" : "text" }),
            valued("--global-log", .ignored), valued("--hypervisor-log-dir", .ignored), valued("--criu", .ignored),
            valued("--shim-path", .ignored), valued("--proxy-socket-path", .ignored),
            // It was accepted and did nothing; today's flag of that name is refused.
            switching("--systemd-cgroup", .ignored),
        ],
        verbs: [
            Verb(name: "create", today: "create", flags: newContainer2, rest: .bundle),
            Verb(
                name: "run", today: "run",
                flags: newContainer2 + [
                    switching("--detach", "-d"), switching("--no-subreaper", .ignored),
                    switching("--dry-run", .refused("nothing is tried without being done")),
                ], rest: .bundle),
            Verb(name: "start", today: "start", flags: [valued("--bundle", "-b", .ignored)], rest: .flags),
            Verb(name: "exec", today: "exec", flags: process, rest: .workload),
            Verb(name: "kill", today: "kill", flags: [switching("--all", "-a")], rest: .flags),
            Verb(name: "list", today: "list", flags: [switching("--all", "-a", .ignored), valued("--format", "-f")], rest: .flags),
            Verb(
                name: "events", today: "events",
                // Seconds, where today's flag takes a time with its unit.
                flags: [switching("--stats"), valued("--interval", .respelt("--interval") { "\($0)s" })], rest: .flags),
            Verb(name: "stop", today: "delete", flags: [], rest: .flags),
            plain("delete"), plain("state"), plain("ps"), plain("pause"), plain("resume"), plain("version"), plain("help"),
            plain("checkpoint"), plain("restore"), plain("update"),
        ])

    /// Where this program looks when it is called by the old name.
    private var configurationPaths: String {
        (ConfigurationSearch.standardPaths + dialect.searchPaths).map { "\($0)\n" }.joined()
    }
}

extension LegacyCommandLine {
    private static let version = Flag(names: ["--version", "-v"], value: .none, fate: .named("--version"))
    private static let help = Flag(names: ["--help", "-h"], value: .none, fate: .named("--help"))

    /// The engines that handed over a terminal by its path, before Docker 17.06, are of that time too.
    private static let console = Flag.Fate.refused("a terminal is handed over by --console-socket only, not by its path")

    private static let newContainer = [
        valued("--bundle", "-b"), valued("--console", console), valued("--console-socket"), valued("--pid-file"),
    ]

    private static let newContainer2 = [
        valued("--bundle", "-b"), Flag(names: ["--console"], value: .optional, fate: console), switching("--no-pivot"),
        valued("--pid-file"),
    ]

    private static let process = [
        valued("--console", console), valued("--console-socket"), valued("--cwd"), valued("--env", "-e"), switching("--tty", "-t"),
        valued("--user", "-u"), valued("--process", "-p"), switching("--detach", "-d"), valued("--pid-file"),
        valued("--process-label", .ignored), valued("--apparmor", .ignored), switching("--no-new-privs"), valued("--cap", "-c"),
        switching("--no-subreaper", .ignored),
    ]

    private static func valued(_ names: String..., fate: Flag.Fate? = nil) -> Flag {
        Flag(names: names, value: .needed, fate: fate ?? .named(names[0]))
    }

    private static func valued(_ name: String, _ fate: Flag.Fate) -> Flag { valued(name, fate: fate) }

    private static func valued(_ name: String, _ short: String, _ fate: Flag.Fate) -> Flag { valued(name, short, fate: fate) }

    private static func switching(_ names: String..., fate: Flag.Fate? = nil) -> Flag {
        Flag(names: names, value: .none, fate: fate ?? .named(names[0]))
    }

    private static func switching(_ name: String, _ fate: Flag.Fate) -> Flag { switching(name, fate: fate) }

    private static func switching(_ name: String, _ short: String, _ fate: Flag.Fate) -> Flag { switching(name, short, fate: fate) }

    private static func plain(_ name: String) -> Verb { Verb(name: name, today: name, flags: [], rest: .flags) }
}
