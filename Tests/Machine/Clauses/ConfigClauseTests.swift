// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// config.md.
    @Suite struct ConfigClauseTests {
        private static let limits = "sed -n 's/^Max open files *//p' /proc/self/limits"
        private static let status = "sed -n 's/^%:[\\t ]*//p' /proc/self/status"
        private static func status(_ name: String) -> String { status.replacingOccurrences(of: "%", with: name) }

        static let clauses = [
            Clause("Root", "readonly: the root file system MUST be read-only", "touch /new", "touch: /new: Read-only file system"),
            Clause(
                "Mounts", "entries MUST be mounted in the listed order", "cat /order/later; ls /hidden | wc -l", "of the bundle\n0"),
            Clause(
                "Mounts", "a relative destination MUST be interpreted as relative to \"/\"",
                "grep -c ' /relative/place tmpfs ' /proc/mounts",
                "1"),
            Clause("Process", "consoleSize MUST be ignored without a terminal", "tty", "not a tty"),
            Clause("Process", "cwd is the working directory", "pwd", "/work"),
            Clause("Process", "env is the environment", "echo $GREETING", "hello world"),
            Clause("Process", "rlimits: soft and hard limit MUST match", limits, "100                  200                  files     "),
            Clause("Linux process", "capabilities: effective", status("CapEff"), "0000000000000020"),
            Clause("Linux process", "capabilities: bounding", status("CapBnd"), "0000000000002021"),
            Clause("Linux process", "capabilities: inheritable", status("CapInh"), "0000000000000020"),
            // execve(2) of a user who is not root leaves the ambient ones.
            Clause("Linux process", "capabilities: permitted", status("CapPrm"), "0000000000000020"),
            Clause("Linux process", "capabilities: ambient", status("CapAmb"), "0000000000000020"),
            Clause("Linux process", "noNewPrivileges prevents further privileges", status("NoNewPrivs"), "1"),
            Clause("Linux process", "oomScoreAdj: the runtime MUST set it", "cat /proc/self/oom_score_adj", "321"),
            Clause("User", "uid, gid and additionalGids of the container's namespace", "id -u; id -g; id -G", "1000\n1001\n1001 50 60"),
            Clause("User", "umask of the process", "umask", "0027"),
            Clause("Hostname", "hostname as seen in the container", "hostname", "specimen"),
            Clause("Domainname", "domainname as seen in the container", "cat /proc/sys/kernel/domainname", "example.org"),
            Clause("Extensibility", "unknown properties MUST be ignored", "echo runs", "runs"),
        ]

        private static let specimen = Specimen("config", clauses) { host, document in
            for name in ["work", "hidden"] { try FileSystem.makeDirectory(host.bundle.appending("rootfs").appending(name)) }
            try FileSystem.makeDirectory(host.bundle.appending("full"))
            for name in ["later", "full/file"] {
                try AtomicFile.write(Array("of the bundle\n".utf8), to: host.bundle.pushing(FilePath(name)), mode: 0o644)
            }
            mount(&document, "/order")
            mount(&document, "/order/later", type: "bind", source: "later", ["bind"])
            mount(&document, "/hidden", type: "bind", source: "full", ["bind"])
            mount(&document, "/hidden")
            mount(&document, "relative/place")
            document["hostname"] = "specimen"
            document["domainname"] = "example.org"
            document["annotations"] = ["org.example.unknown": "value"]
            document["unknown"] = ["property": true]
            change(&document, "root") { $0["readonly"] = true }
            change(&document, "process") {
                $0["unknown"] = 1
                $0["consoleSize"] = ["height": 20, "width": 70]
                $0["cwd"] = "/work"
                $0["env"] = ["PATH=/bin", "GREETING=hello world"]
                $0["user"] = ["uid": 1000, "gid": 1001, "additionalGids": [50, 60], "umask": 0o27]
                $0["rlimits"] = [["type": "RLIMIT_NOFILE", "soft": 100, "hard": 200]]
                $0["oomScoreAdj"] = 321
                $0["capabilities"] = [
                    "bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW", "CAP_NOTHING"], "effective": ["CAP_KILL", "CAP_NET_RAW"],
                    "permitted": ["CAP_CHOWN", "CAP_KILL"],
                    "inheritable": ["CAP_KILL", "CAP_FOWNER"], "ambient": ["CAP_KILL", "CAP_CHOWN"],
                ]
            }
        }

        @Test(arguments: clauses) func insideAContainer(_ clause: Clause) async throws {
            let print = try await Self.specimen.print(of: clause)
            #expect(print == clause.prints)
        }

        /// Linux process: what cannot be granted MUST be logged as a warning.
        @Test(
            arguments: [
                "capability 'CAP_NOTHING' is not granted", "made effective: CAP_NET_RAW", "made inheritable: CAP_FOWNER",
                "made ambient: CAP_CHOWN",
            ])
        func aCapabilityThatCannotBeGrantedIsAWarning(_ words: String) async throws {
            let errors = try await Self.specimen.errors
            #expect(errors.contains(words), "\(errors)")
        }
    }
}
