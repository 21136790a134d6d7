// SPDX-License-Identifier: Apache-2.0

// The command of hyper.sh.
extension LegacyCommandLine {
    /// `runv` of 0.5.0 to 1.0.0 and of the branches behind it.
    static let runV = LegacyCommandLine(
        name: "runv", dialect: RunV.dialect, style: .go,
        globals: RunV.hostRules.map { valued("--\($0.source.name)", .configures) } + [
            // runV read neither; engines look into the log for errors.
            valued("--log"), anyLogFormat,
            valued("--root"), switching("--debug"), valued("--log_dir", .ignored), version, help,
            valued("--id", .refused("the container is named behind the command today")),
        ],
        verbs: [
            // Before 0.8.1 it did what run does.
            Verb(name: "start", fate: .named("run"), flags: newContainer + unpivoted + [detach], marks: ["--bundle"]),
            verb("create", newContainer + unpivoted), verb("run", newContainer + unpivoted + [detach]),
            verb("exec", process, rest: .workload), verb("delete", [force]), verb("kill", [allProcesses]), verb("list", [format, quiet]),
            verb("ps", [format]), verb("spec", [valued("--bundle", "-b")]), verb("start"), verb("state"), verb("pause"), verb("resume"),
            verb("help"), verb("h", as: "help"),
            Verb(
                name: "interface",
                fate: .refused(
                    "network interfaces are the engine's: what it adds to the container's network namespace, or takes from it, reaches the machine by itself"
                )),
            Verb(
                name: "manage",
                fate: .answered("nothing to do: machines are not cloned from a template here\n")),
            Verb(
                name: "containerd",
                fate: .refused("sandboxes have no daemon; give docker a containerd of its own by taking its option --containerd away")),
        ]
            + ["containerd-nslistener", "network-nslisten", "proxy", "shim", "watcher"].map {
                Verb(name: $0, fate: .refused("runV called this itself, for its own sandboxes"))
            })

    private static let unpivoted = [switching("--no-pivot", .ignored)]
}
