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

        private static let words = "a runtime MUST implement it"

        static let clauses =
            options.map { Clause("Mount option \($0.name)", words, look(at: "/o/\($0.name)"), $0.prints) } + [
                Clause("Mount option bind", words, "cat /bound/file; ls /bound/inner | wc -l", "outer\n0"),
                Clause("Mount option rbind", words, "cat /rbound/file /rbound/inner/file", "outer\ninner"),
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
            mount(&document, "/o/remount")
            mount(&document, "/o/remount", ["remount", "ro"])
        } after: { host in
            _ = umount2(host.directory.appending("outer/inner").string, CInt(MNT_DETACH))
        }

        @Test(arguments: clauses) func insideAContainer(_ clause: Clause) async throws {
            let print = try await Self.specimen.print(of: clause)
            #expect(print == clause.prints)
        }
    }
}
