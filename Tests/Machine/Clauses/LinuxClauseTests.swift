// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// config-linux.md and runtime-linux.md.
    @Suite struct LinuxClauseTests {
        private static let group = "/sys/fs/cgroup/"
        private static func file(_ name: String) -> String { "cat \(group)\(name)" }

        static let clauses = [
            Clause("Namespaces", "without a path a new one MUST be made: pid", "echo $$", "1"),
            Clause("Namespaces", "without a path a new one MUST be made: mount", "ls / | grep -c own-root", "1"),
            Clause("Namespaces", "without a path a new one MUST be made: cgroup", "cat /proc/self/cgroup", "0::/"),
            Clause("Namespaces", "without a path a new one MUST be made: network", "ls /sys/class/net", "lo"),
            Clause("Namespaces", "without a path a new one MUST be made: ipc", "grep -c . /proc/sysvipc/shm", "1"),
            Clause("Namespaces", "without a path a new one MUST be made: uts", "hostname", "guest"),
            Clause(
                "Namespaces", "one that is not listed MUST be inherited: user", "cat /proc/self/uid_map | tr -s ' '", " 0 0 4294967295"),
            Clause(
                "Devices", "they MUST be available, with owner and mode", "stat -c '%F %t:%T %a %u %g' /dev/own",
                "character special file 1:5 640 7 8"),
            Clause("Devices", "a number that no device has MUST be available", "stat -c '%F %t:%T' /dev/none", "block special file 8:29a"),
            Clause("Devices", "type p is a FIFO", "stat -c '%F %a' /dev/queue", "fifo 600"),
            Clause(
                "Default devices", "the runtime MUST supply them",
                "for d in null zero full random urandom tty; do stat -c '%n %t:%T %a' /dev/$d; done",
                "/dev/null 1:3 666\n/dev/zero 1:5 666\n/dev/full 1:7 666\n/dev/random 1:8 666\n/dev/urandom 1:9 666\n/dev/tty 5:0 666"),
            Clause("Default devices", "/dev/ptmx is that of /dev/pts", "readlink /dev/ptmx; test -c /dev/pts/ptmx; echo $?", "pts/ptmx\n0"),
            Clause(
                "runtime-linux.md, Dev symbolic links", "the runtime MUST create them",
                "for name in fd stdin stdout stderr; do readlink /dev/$name; done",
                "/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2"),
            Clause(
                "Allowed device list", "entries MUST be applied in the listed order",
                "head -c1 /dev/zero >/dev/null && echo zero; head -c1 /dev/kmsg; head -c1 /dev/allowed >/dev/null && echo allowed",
                "zero\nhead: /dev/kmsg: Operation not permitted\nallowed"),
            Clause(
                "Memory", "limit, reservation, and swap beyond the limit",
                "\(file("memory.max")); \(file("memory.low")); test ! -e \(group)memory.swap.max || \(file("memory.swap.max"))",
                "67108864\n33554432\n16777216"),
            Clause("CPU", "shares as a weight, quota in a period", "\(file("cpu.weight")); \(file("cpu.max"))", "20\n30000 100000"),
            Clause("CPU", "cpus and mems to run on", "\(file("cpuset.cpus")); \(file("cpuset.mems"))", "0\n0"),
            Clause("PIDs", "limit", file("pids.max"), "77"),
            Clause("Huge page limits", "limit of a page size", file("hugetlb.2MB.max"), "4194304"),
            Clause("Block IO", "weight, linearly", "\(file("io.weight")) | grep default", "default 4950"),
            Clause(
                "Offset for time namespace", "the offset MUST be added to the clock",
                "test $(cut -d. -f1 /proc/uptime) -ge 1000000 && echo later; tr -s ' ' </proc/self/timens_offsets",
                "later\nmonotonic -1 500\nboottime 1000000 0"),
            Clause("Unified", "what the runtime does not know MUST still be written", file("memory.oom.group"), "1"),
            Clause(
                "Sysctl", "kernel parameters of the container",
                "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced", "1\n1"),
            Clause(
                "Seccomp", "errnoRet is what the call returns", "mkdir /tmp/made",
                "mkdir: can't create directory '/tmp/made': Cannot assign requested address"),
            Clause(
                "Seccomp", "a rule holds for its arguments only", "kill -0 1 && echo zero; kill -WINCH 1",
                "zero\nsh: can't kill pid 1: Invalid argument"),
            Clause(
                "Rootfs mount propagation", "of the root",
                "busybox awk '$5 == \"/\" { sub(\":.*\", \"\", $7); print $7; exit }' /proc/self/mountinfo",
                "shared"),
            Clause("Masked paths", "a file cannot be read", "wc -c </proc/kcore", "0"),
            Clause("Masked paths", "a directory is empty", "ls /own-root | wc -l", "0"),
            Clause(
                "Readonly paths", "they cannot be written", "echo 0 >/proc/sys/kernel/shm_rmid_forced",
                "sh: can't create /proc/sys/kernel/shm_rmid_forced: Read-only file system"),
        ]

        private static let specimen = Specimen("linux", clauses) { host, document in
            let masked = host.bundle.appending("rootfs/own-root")
            try FileSystem.makeDirectory(masked)
            try AtomicFile.write([], to: masked.appending("file"))
            mount(&document, "/dev/pts", type: "devpts", source: "devpts", ["newinstance", "ptmxmode=0666", "mode=620"])
            mount(&document, "/sys/fs/cgroup", type: "cgroup", source: "cgroup", ["ro"])
            change(&document, "linux") {
                $0["namespaces"] = ["pid", "network", "ipc", "uts", "mount", "cgroup", "time"].map { ["type": $0] }
                $0["timeOffsets"] = ["boottime": ["secs": 1_000_000], "monotonic": ["secs": -1, "nanosecs": 500]]
                $0["devices"] = [
                    ["path": "/dev/own", "type": "c", "major": 1, "minor": 5, "fileMode": 0o640, "uid": 7, "gid": 8] as [String: Any],
                    ["path": "/dev/none", "type": "b", "major": 8, "minor": 666, "fileMode": 0o600],
                    ["path": "/dev/queue", "type": "p", "fileMode": 0o600],
                    ["path": "/dev/kmsg", "type": "c", "major": 1, "minor": 11, "fileMode": 0o666],
                    ["path": "/dev/allowed", "type": "c", "major": 10, "minor": 183, "fileMode": 0o666],
                ]
                $0["resources"] = [
                    "devices": [
                        ["allow": false, "access": "rwm"], ["allow": true, "type": "c", "major": 10, "minor": 183, "access": "r"],
                    ],
                    "memory": ["limit": 64 << 20, "reservation": 32 << 20, "swap": 80 << 20],
                    "cpu": ["shares": 512, "quota": 30000, "period": 100_000, "cpus": "0", "mems": "0"],
                    "pids": ["limit": 77], "blockIO": ["weight": 500],
                    "hugepageLimits": [
                        ["pageSize": "2MB", "limit": 4 << 20] as [String: Any], ["pageSize": "64KB", "limit": 0],
                    ],
                    "unified": ["memory.oom.group": "1"],
                ]
                $0["sysctl"] = ["net.ipv4.ip_forward": "1", "kernel.shm_rmid_forced": "1"]
                $0["seccomp"] = [
                    "defaultAction": "SCMP_ACT_ALLOW",
                    "syscalls": [
                        ["names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 99] as [String: Any],
                        [
                            "names": ["kill"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22,
                            "args": [["index": 1, "value": 28, "op": "SCMP_CMP_EQ"]],
                        ],
                    ],
                ]
                $0["rootfsPropagation"] = "shared"
                $0["maskedPaths"] = ["/proc/kcore", "/own-root", "/not/there"]
                $0["readonlyPaths"] = ["/proc/sys", "/not/there"]
            }
        }

        @Test(arguments: clauses) func insideAContainer(_ clause: Clause) async throws {
            let print = try await Self.specimen.print(of: clause)
            #expect(print == clause.prints)
        }
    }
}
