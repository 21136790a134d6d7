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
            verb("create", newContainer), verb("run", newContainer + [detach]), verb("exec", process, rest: .workload),
            verb("delete", [force]), verb("kill", [allProcesses]),
            verb("list", [format, quiet, switching("--cc-all", .ignored)]), verb("ps", [format], rest: .workload),
            verb("start"), verb("state"), verb("pause"), verb("resume"), verb("version"), verb("help"),
            verb("cc-check", as: "check"), verb("cc-env", as: "env"),
        ])

    /// `cc-oci-runtime` of 2.0.0 to 2.2.4.
    static let clearContainers2 = LegacyCommandLine(
        name: "cc-oci-runtime", dialect: ClearContainersV2.dialect, style: .glib,
        globals: [
            valued("--log"), valued("--root"), switching("--debug", "-d"), version, help,
            anyLogFormat,
            valued("--global-log", .ignored), valued("--hypervisor-log-dir", .ignored), valued("--criu", .ignored),
            valued("--shim-path", .ignored), valued("--proxy-socket-path", .ignored),
            // It was accepted and did nothing; today's flag of that name is refused.
            switching("--systemd-cgroup", .ignored),
        ],
        verbs: [
            verb("create", newContainer2, rest: .bundle),
            verb(
                "run",
                newContainer2 + [
                    detach, switching("--no-subreaper", .ignored),
                    switching("--dry-run", .refused("nothing is tried without being done")),
                ], rest: .bundle),
            verb("start", [valued("--bundle", "-b", .ignored)]), verb("exec", process, rest: .workload), verb("kill", [allProcesses]),
            verb("list", [switching("--all", "-a", .ignored), format]),
            // Seconds, where today's flag takes a time with its unit.
            verb("events", [switching("--stats"), valued("--interval", .respelt("--interval") { "\($0)s" })]),
            verb("stop", as: "delete"), verb("delete"), verb("state"), verb("ps"), verb("pause"), verb("resume"), verb("version"),
            verb("help"), verb("checkpoint"), verb("restore"), verb("update"),
        ])

    /// Where this program looks when it is called by the old name.
    private var configurationPaths: String {
        (ConfigurationSearch.standardPaths + dialect.searchPaths).map { "\($0)\n" }.joined()
    }
}
