// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// config.md, Linux mount options: every one that a runtime MUST implement.
    @Suite struct MountClauseTests {
        /// By name: the options of a mount, and what /proc/self/mountinfo says of it.
        private static let options: [(name: String, options: [String], prints: String)] = [
            ("async", ["sync", "async"], "rw,relatime"), ("atime", ["noatime", "atime"], "rw,relatime"), ("defaults", [], "rw,relatime"),
            ("dev", ["nodev", "dev"], "rw,relatime"), ("diratime", ["nodiratime", "diratime"], "rw,relatime"),
            ("dirsync", [], "rw,relatime dirsync"), ("exec", ["noexec", "exec"], "rw,relatime"), ("iversion", [], "rw,relatime"),
            ("lazytime", [], "rw,relatime lazytime"), ("loud", ["silent", "loud"], "rw,relatime"), ("noatime", [], "rw,noatime"),
            ("nodev", [], "rw,nodev,relatime"), ("nodiratime", [], "rw,nodiratime,relatime"), ("noexec", [], "rw,noexec,relatime"),
            ("noiversion", ["iversion", "noiversion"], "rw,relatime"), ("nolazytime", ["lazytime", "nolazytime"], "rw,relatime"),
            ("norelatime", ["relatime", "norelatime"], "rw,relatime"), ("nostrictatime", ["strictatime", "nostrictatime"], "rw,relatime"),
            ("nosuid", [], "rw,nosuid,relatime"), ("private", ["shared", "private"], "rw,relatime"), ("relatime", [], "rw,relatime"),
            ("ro", [], "ro,relatime"), ("rprivate", ["rshared", "rprivate"], "rw,relatime"), ("rshared", [], "rw,relatime shared"),
            // A mount without peers has no master either.
            ("rslave", ["rshared", "rslave"], "rw,relatime"), ("runbindable", [], "rw,relatime unbindable"),
            ("rw", ["ro", "rw"], "rw,relatime"), ("shared", [], "rw,relatime shared"), ("silent", [], "rw,relatime"),
            ("slave", ["shared", "slave"], "rw,relatime"), ("strictatime", [], "rw"), ("suid", ["nosuid", "suid"], "rw,relatime"),
            ("sync", [], "rw,relatime sync"), ("unbindable", [], "rw,relatime unbindable"),
        ]

        /// Flags of the mount, then those words among propagation and flags of the file system that count here.
        private static func look(at place: String) -> String {
            "set -- $(grep ' \(place) ' /proc/self/mountinfo); shift 5; flags=$1; "
                + "echo $flags $(echo \"$*\" | tr ' ,:' '\\n\\n\\n' | grep -x -e shared -e unbindable -e dirsync -e lazytime -e sync)"
        }

        private static func kind(of place: String) -> String { "grep ' \(place) ' /proc/self/mounts | cut -d' ' -f3" }

        private static let words = "a runtime MUST implement it"

        static let clauses =
            options.map { Clause("Mount option \($0.name)", words, look(at: "/o/\($0.name)"), $0.prints) } + [
                Clause("Mount option bind", words, "cat /bound/file; ls /bound/inner | wc -l", "outer\n0"),
                Clause("Mount option rbind", words, "cat /rbound/file /rbound/inner/file", "outer\ninner"),
                Clause(
                    "Mount option rro", words,
                    "cat /rread/inner/file; touch /rread/new /rread/inner/new",
                    "inner\ntouch: /rread/new: Read-only file system\ntouch: /rread/inner/new: Read-only file system"),
                Clause(
                    "Mounts", "files that engines bind", "cat /etc/hosts /etc/hostname /etc/resolv.conf",
                    "127.0.0.1 hosts\nname\nnameserver 192.0.2.1"),
                Clause("Mounts", "a secret stays in the host's memory", "cat /secret/file; \(kind(of: "/secret"))", "inner\n9p"),
                Clause(
                    "Mounts", "shared memory of the size asked for", "df -k /dev/shm | tail -n1 | tr -s ' ' | cut -d' ' -f1,2", "tmpfs 2048"
                ),
                Clause("Mounts", "its kind", kind(of: "/dev/shm"), "tmpfs"),
                Clause(
                    "Mounts", "message queues", "touch /dev/mqueue/queue; cut -d' ' -f1 /dev/mqueue/queue; \(kind(of: "/dev/mqueue"))",
                    "QSIZE:0\nmqueue"),
                Clause("Mount option remount", words, look(at: "/o/remount"), "ro,relatime"),
            ]

        private static let specimen = Specimen("mounts", clauses) { host, document in
            let outer = host.directory.appending("outer"), inner = outer.appending("inner")
            try FileSystem.makeDirectory(inner)
            let mounted = try Subprocess(program: "/bin/mount", arguments: ["mount", "-t", "tmpfs", "tmpfs", inner.string]).spawn().wait()
            #expect(mounted == .exited(0))
            for (place, word) in [(outer, "outer\n"), (inner, "inner\n")] {
                try AtomicFile.write(Array(word.utf8), to: place.appending("file"), mode: 0o644)
            }
            for (name, options, _) in options { mount(&document, "/o/\(name)", options.isEmpty ? [name] : options) }
            mount(&document, "/bound", type: "none", source: outer.string, ["bind"])
            mount(&document, "/rbound", type: "none", source: outer.string, ["rbind"])
            mount(&document, "/rread", type: "none", source: outer.string, ["rbind", "rro"])
            mount(&document, "/secret", type: "bind", source: inner.string, ["rbind", "ro"])
            for (name, words) in [("hosts", "127.0.0.1 hosts\n"), ("hostname", "name\n"), ("resolv.conf", "nameserver 192.0.2.1\n")] {
                try AtomicFile.write(Array(words.utf8), to: host.directory.appending(name), mode: 0o644)
                mount(&document, "/etc/\(name)", type: "bind", source: host.directory.appending(name).string, ["rbind", "rprivate"])
            }
            let memory = host.directory.appending("memory")
            try FileSystem.makeDirectory(memory)
            let sized = Subprocess(program: "/bin/mount", arguments: ["mount", "-t", "tmpfs", "-o", "size=2m", "shm", memory.string])
            let isMounted = try sized.spawn().wait() == .exited(0)
            #expect(isMounted)
            mount(&document, "/dev/shm", type: "bind", source: memory.string, ["rbind", "rprivate"])
            mount(&document, "/dev/mqueue", type: "mqueue", source: "mqueue", ["nosuid", "noexec", "nodev"])
            mount(&document, "/o/remount")
            mount(&document, "/o/remount", ["remount", "ro"])
        } after: { host in
            for place in ["outer/inner", "memory"] { _ = umount2(host.directory.appending(place).string, CInt(MNT_DETACH)) }
        }

        @Test(arguments: clauses) func insideAContainer(_ clause: Clause) async throws {
            let print = try await Self.specimen.print(of: clause)
            #expect(print == clause.prints)
        }
    }
}
