// SPDX-License-Identifier: Apache-2.0

package import KataText

/// The documentation of the codes that scans, plans and conversions report.
package enum MigrationCodes {
    package static let pages: [DiagnosticPage] = scan + conversion + documents + comparison + preflight

    private static let scan: [DiagnosticPage] = [
        page(
            "MIG001", "a file cannot be read", .warning,
            "The system refused to read a file or directory that a scan looks at. The scan goes on without it, so something may be missing in the report.",
            "Run as root, or give the user the right to read it."),
        page(
            "MIG002", "a path is not of the expected kind", .warning,
            "Where a file of the old system should be there is something else, such as a directory or a fifo. It is not opened.",
            "Look at what is there and move it away if it does not belong there."),
        page(
            "MIG003", "a fact about the host is not known", .note,
            "A copied tree holds files only: what ran on the host cannot be told from it. Sandboxes then count as running unless their record says that they are stopped.",
            "Save processes.txt, mounts.txt, sockets.txt, units.txt, links.txt, cgroups.txt and hardware.txt on the host, as Docs/Fleet.md says, and give their directory with --host-facts."
        ),
        page(
            "MIG004", "a line of a saved listing cannot be read", .warning,
            "A line of processes.txt, mounts.txt, sockets.txt, units.txt, links.txt, cgroups.txt or hardware.txt is not in the form that is expected there, and is left out.",
            "Correct the line; Docs/Fleet.md says how they are written."),
        page(
            "MIG005", "a configuration that was never read", .warning,
            "The packages of Clear Containers from 3.0.4 to 3.0.22 were built to look for their configuration in /usr/share/defaults only. A file below /etc never had an effect on such a host.",
            "Check which of the two files says what you want. To use the other one, give it to 'kata-migrate convert'."),
        page(
            "MIG007", "docker's record of a container cannot be read", .warning,
            "A file in docker's data directory is not the JSON that docker writes. The container is missing in the report.",
            "See whether docker itself still knows the container: docker inspect."),
        page(
            "MIG008", "executables are hidden", .warning,
            "The kernel shows the executable of a process to its owner and to root only. The others are judged by the first word of their command line, which a process chooses itself.",
            "Run as root, outside of containers."),
        page(
            "MIG040", "a database of packages cannot be read", .warning,
            "The packages of a host of rpm are read from Berkeley DB's hash files and from SQLite. This file is neither, or a part of it is damaged or not merged yet. Old systems are then found by their programs and files alone, and their releases may stay unknown.",
            "See whether rpm itself can read it: rpm -qa. Name the release where it matters: kata-migrate convert --release."),
    ]

    private static let conversion: [DiagnosticPage] = [
        page(
            "MIG020", "no dialect claims a file", .error,
            "The file has no table or key by which a configuration of an old system, of Kata or of an engine could be told.",
            "Name the dialect with --from; 'kata-migrate dialects' lists those that can be read.")
    ]

    private static let preflight: [DiagnosticPage] = [
        page(
            "PRE001", "a running sandbox awaits a decision", .error,
            "A VM of the old system cannot be taken over by the new one: its agent speaks another protocol.",
            "Say what becomes of running sandboxes: --running leave, drain or recreate."),
        page(
            "PRE002", "the new runtime is not installed", .error,
            "The plan would have an engine call a program that is not there.",
            "Install the new runtime, or name the prefix of its installation with --prefix."),
        page(
            "PRE003", "a guest file is not there", .warning,
            "The configuration will name a hypervisor, kernel or initrd that does not exist on the host yet, so no container could start.",
            "Install it, or override the path in a drop-in below config.d before the plan is carried out."),
        page(
            "PRE004", "there is another configuration", .error,
            "The file that the plan would write exists and says something else. It is not overwritten.",
            "Compare the two and move one of them away."),
        page(
            "PRE005", "the old configuration has errors", .error,
            "The old runtime would have refused its configuration, so it is not known what was meant.",
            "Correct the errors that are reported for the file."),
        page(
            "PRE006", "a registration cannot be edited", .error,
            "Two edits of one file overlap.",
            "Simplify the registration by hand."),
        page(
            "PRE007", "a restart would stop a sandbox that is to be left", .error,
            "Docker without live-restore stops its containers when it restarts, and it must restart to call the new runtime.",
            "Turn live-restore on first, or choose --running drain or recreate."),
        page(
            "PRE008", "it is not known which sandboxes run", .warning,
            "Without the host's processes the records are all there is, and the old runtime seldom corrected them.",
            "Run on the host itself, or give saved listings with --host-facts."),
        page(
            "PRE009", "a sandbox record cannot be read", .warning,
            "The record is damaged or hostile; nothing can be moved from it, and it stays where it is.",
            "See what there is of it, and remove it by hand when nobody needs it."),
        page(
            "PRE010", "a stale sandbox", .warning,
            "Nobody can start the sandbox again: the engine that made it has forgotten it, or is not on this host. It is reported, and left.",
            "Add --clean-stale to have its records taken away, into the backup, or remove them by hand."),
        page(
            "PRE011", "a sandbox cannot be made again", .warning,
            "A container is made again from its OCI configuration, of the record or of the bundle, and its root file system. One of them is missing, or the configuration is older than version 1.0.0 of the specification.",
            "Restore what is missing, write the configuration anew, or remove the record by hand."),
        page(
            "PRE012", "a process that is left", .warning,
            "Processes of the old system that nothing needs any more are ended when their program, their command line and what they served prove whose they are. This one is not: its sandbox has no readable record, as after a crash of the old runtime, or a workload may be in it, or the proof is missing. The message says which.",
            "Find out whose it is. If it is nobody's, end it yourself, or, where the message says so, with --clean-stale."),
        page(
            "PRE013", "the new runtime lacks an old name", .error,
            "Engines go on calling the runtime by a name of the old one, and the installation has no program of that name.",
            "Install a version that has it, or make a link of that name to kata-runtime."),
        page(
            "PRE014", "several configurations", .warning,
            "Several old systems are on the host, each with a configuration, or several runtimes of one, and the new runtime has one. That of the system which an engine calls is taken, else that of the newest; of one system's the first that an engine names.",
            "Convert the other with 'kata-migrate convert FILE' and take over by hand what it says differently."),
        page(
            "PRE015", "crictl is not installed", .warning,
            "Pods are stopped through their engine, and the program that speaks to it is not where it is looked for.",
            "Install crictl (cri-tools), or drain the node first: kubectl drain."),
        page(
            "PRE031", "a container asks for a runtime that docker does not know", .warning,
            "Docker remembers the runtime's name of each container, and the name is registered no more, as when a package of the old system was removed. Docker refuses to start such a container, before the migration as after it. Docker's record of it is not changed.",
            "Register the name again, in daemon.json: \"runtimes\": {\"cc-runtime\": {\"path\": \"/usr/local/libexec/kata-swift/legacy/cc-runtime\"}}."
        ),
        page(
            "PRE030", "an edit that the engine cannot check", .note,
            "Engines check their main configuration file without starting. Drop-ins, imported files and units are read only at a start, so whether the engine takes the edit shows when it is restarted.",
            "Look at the change with 'kata-migrate plan' or 'kata-migrate show --diff'. 'kata-migrate rollback' gives the file back."),
        page(
            "PRE034", "a kubelet of frakti", .warning,
            "Frakti has no successor, and the kubelet is told of another engine when there is exactly one that can take its pods: CRI-O, or a containerd whose CRI plugin is not disabled, installed and running. Pods that run meanwhile are stopped only when that is asked for. The message says what is missing; frakti and hyperd stay until then.",
            "Install and start one of the two, register the new runtime there, and plan again with --running drain or recreate."),
        page(
            "PRE035", "pods without VMs", .warning,
            "Frakti ran every pod in a VM that did not ask for something else. The engine that takes its place runs pods in its default runtime unless a RuntimeClass names another, and it has not been told of the new runtime at all.",
            "Register the new runtime with the engine, make a RuntimeClass for it, and give it to the pods: kata-migrate convert writes the field into manifests."
        ),
        page(
            "PRE036", "a configuration that another runtime goes on reading", .warning,
            "Kata's shims are called after the migration as before, and look for their configuration where the new runtime does. They would boot the guest of the new runtime, and cannot speak with its agent. So the file is not written, which is an error where something is to run under the new runtime.",
            "Give the shims a configuration of their own: options.ConfigPath for containerd, runtime_config_path for CRI-O, KATA_CONF_FILE in a script. Then plan again."
        ),
        page(
            "PRE037", "a choice for no single sandbox", .error,
            "--running NAME=CHOICE is for one sandbox, and the name is that of none, or the beginning of several ids.",
            "Name it as 'kata-migrate scan' lists it."
        ),
        page(
            "PRE032", "hyperctl is not installed", .warning,
            "Pods of hyperd are stopped through hyperd, and the program that speaks to it is not where it is looked for.",
            "Install hyperctl, or stop the pods first."),
        page(
            "PRE033", "a container of the same name", .warning,
            "A sandbox would become a container of the new runtime, which has one of that name already.",
            "Delete the one that nobody needs: with kata-runtime delete, or with the old runtime."),
    ]

    static func page(
        _ code: DiagnosticCode, _ title: String, _ severity: Severity, _ explanation: String, _ remedy: String
    ) -> DiagnosticPage {
        DiagnosticPage(code: code, title: title, severity: severity, explanation: explanation, remedy: remedy)
    }
}
