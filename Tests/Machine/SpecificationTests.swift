// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// What a specification says, looked at from inside the container.
    @Suite struct SpecificationTests {
        @Test func aProcessIsAsItsSpecificationSays() async throws {
            try await withMachineHost(leaving: "process") { host in
                let script = """
                    umask; cat /proc/sys/kernel/domainname; cut -d' ' -f19 /proc/self/stat; uname -m; cat /proc/self/oom_score_adj
                    cat /sys/fs/cgroup/cpu.weight /sys/fs/cgroup/memory.high; cat /tmp/kept/file; stat -c %a:%u /tmp/kept; grep -c "/tmp/kept tmpfs" /proc/mounts
                    ionice; cut -d' ' -f41 /proc/self/stat
                    """
                try FileSystem.makeDirectory(host.bundle.appending("rootfs/tmp/kept"), mode: 0o750)
                chown(host.bundle.appending("rootfs/tmp/kept").string, 1000, 0)
                try AtomicFile.write(Array("from the image\n".utf8), to: host.bundle.appending("rootfs/tmp/kept/file"), mode: 0o644)
                try host.specify(["sh", "-c", script]) { document in
                    document["domainname"] = "example.org"
                    change(&document, "process") {
                        $0["user"] = ["uid": 0, "gid": 0, "umask": 0o27]
                        $0["scheduler"] = ["policy": "SCHED_BATCH", "nice": 5]
                        $0["ioPriority"] = ["class": "IOPRIO_CLASS_IDLE", "priority": 0]
                        $0["oomScoreAdj"] = 123
                    }
                    change(&document, "linux") {
                        $0["personality"] = ["domain": "LINUX32"]
                        $0["resources"] = ["unified": ["cpu.weight": "77", "memory.high": "134217728"]]
                        $0["namespaces"] = ["pid", "network", "ipc", "uts", "mount", "cgroup"].map { ["type": $0] }
                    }
                    var mounts = document["mounts"] as? [[String: Any]] ?? []
                    mounts.append(["destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]])
                    mounts.append(["destination": "/tmp/kept", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "size=1m"]])
                    document["mounts"] = mounts
                }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "process")
                let expected = [
                    "0027", "example.org", "5", "i686", "123", "77", "134217728", "from the image", "750:1000", "1",
                    "idle", "3",
                ]
                #expect(result.text.split(separator: "\n").map(String.init) == expected, "\(result.text) \(result.errorText)")
            }
        }

        @Test func aContainerThatRunsOutOfMemoryIsToldOf() async throws {
            try await withMachineHost(leaving: "hungry") { host in
                try host.specify(["sh", "-c", "cat > /dev/null; head -c 200m /dev/zero | tail > /dev/null; echo $?; sleep 600"]) {
                    document in
                    change(&document, "linux") { $0["resources"] = ["memory": ["limit": 24 << 20, "swap": 24 << 20]] }
                }
                let container = try await host.create("hungry")
                try await host.kata("start", "hungry")
                let events = try RunningProgram(MachineHost.runtime, host.arguments(["events", "--interval", "200ms", "hungry"]))
                try await Task.sleep(for: .milliseconds(300))
                container.closeInput()
                var text = ""
                for _ in 0..<300 where !text.contains("\"oom\"") {
                    text += String(decoding: try events.standardOutput.read(upTo: 1 << 16), as: UTF8.self)
                }
                #expect(text.contains("{\"id\":\"hungry\",\"type\":\"oom\"}"), "\(text)")
                try await host.kata("delete", "--force", "hungry")
                _ = try await events.child.waitAsync()
            }
        }

        @Test func aUserNamespaceHasTheIdsOfItsMappings() async throws {
            try await withMachineHost(leaving: "mapped") { host in
                let script = """
                    id -u; cat /proc/self/uid_map; stat -c %u /bin/busybox /proc/1 /sys; touch /tmp/made; echo x > /dev/null && echo device
                    readlink /proc/self; cat /proc/self/oom_score_adj; hostname changed 2>&1 | head -1; ls /proc | grep -c '^[0-9]'
                    test -f /sys/fs/cgroup/memory.max && echo group; mkdir /sys/fs/cgroup/new 2>&1 | grep -o 'Read-only.*'
                    """
                for name in ["", "bin", "bin/busybox", "tmp"] {
                    chown(host.bundle.appending("rootfs").pushing(FilePath(name)).string, 100_000, 100_000)
                }
                try host.specify(["sh", "-c", script]) { document in
                    change(&document, "process") { $0["oomScoreAdj"] = -5 }
                    // Below a /sys that is the guest's, with its own groups in it.
                    mount(&document, "/sys/fs/cgroup", type: "cgroup", source: "cgroup", ["rprivate", "nosuid", "noexec", "nodev", "ro"])
                    change(&document, "linux") {
                        $0["namespaces"] = ["pid", "network", "ipc", "uts", "mount", "user", "cgroup"].map { ["type": $0] }
                        $0["uidMappings"] = [["containerID": 0, "hostID": 100_000, "size": 65536]]
                        $0["gidMappings"] = [["containerID": 0, "hostID": 100_000, "size": 65536]]
                    }
                }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "mapped")
                let words = result.text.split(whereSeparator: \.isWhitespace).map(String.init)
                #expect(
                    words.prefix(8) == ["0", "0", "100000", "65536", "0", "0", "65534", "device"], "\(result.text) \(result.errorText)")
                #expect(words.count > 9 && words[9] == "-5", "\(result.text)")
                // The root of the guest's groups has no limits: the container sees its own.
                #expect(words.suffix(4) == ["group", "Read-only", "file", "system"], "\(result.text) \(result.errorText)")
                #expect(try FileSystem.status(host.bundle.appending("rootfs/tmp/made"))?.owner == 100_000)
                try host.specify(["sleep", "600"]) { document in
                    change(&document, "linux") {
                        $0["namespaces"] = ["pid", "network", "ipc", "uts", "mount", "user", "time"].map { ["type": $0] }
                        $0["timeOffsets"] = ["boottime": ["secs": 1_000_000]]
                        $0["uidMappings"] = [["containerID": 0, "hostID": 100_000, "size": 65536]]
                        $0["gidMappings"] = [["containerID": 0, "hostID": 100_000, "size": 65536]]
                    }
                }
                _ = try await host.create("mapped")
                try await host.kata("start", "mapped")
                #expect(try await host.kata("exec", "--user", "alice", "mapped", "id", "-u").text == "1000\n")
                #expect(try await host.kata("exec", "mapped", "cat", "/proc/self/uid_map").text.contains("100000"))
                let clock = try await host.kata("exec", "mapped", "cut", "-d.", "-f1", "/proc/uptime")
                #expect(Int(clock.text.dropLast()) ?? 0 >= 1_000_000, "\(clock.text) \(clock.errorText)")
                try await host.kata("delete", "--force", "mapped")
            }
        }

        /// As a system manager does, or a docker daemon in a container: no process may be in a group that hands controllers down.
        @Test func aContainerThatDividesItsGroupTakesFurtherProcesses() async throws {
            try await withMachineHost(leaving: "divided") { host in
                let script = """
                    mkdir /sys/fs/cgroup/init && echo 1 >/sys/fs/cgroup/init/cgroup.procs && echo +pids >/sys/fs/cgroup/cgroup.subtree_control &&
                    echo divided; ls -d /sys/fs/cgroup/systemd; sleep 600
                    """
                try host.specify(["sh", "-c", script]) { document in
                    change(&document, "linux") {
                        $0["namespaces"] = ["pid", "network", "ipc", "uts", "mount", "cgroup"].map { ["type": $0] }
                    }
                    mount(&document, "/sys/fs/cgroup", type: "cgroup", source: "cgroup", ["ro"])
                    // As podman's --systemd=always has it on this host: the container may write to its groups.
                    mount(&document, "/sys/fs/cgroup/systemd", type: "bind", source: "/sys/fs/cgroup/systemd", ["bind", "rprivate"])
                }
                let container = try await host.create("divided")
                try await host.kata("start", "divided")
                #expect(try container.standardOutput.read(upTo: 64) == Array("divided\n".utf8))
                let further = try await host.kata("exec", "divided", "cat", "/proc/self/cgroup")
                #expect(further.text == "0::/init\n", "\(further.text) \(further.errorText)")
                #expect(try await host.kata("delete", "--force", "divided").status == .exited(0))
            }
        }

        @Test func aUserIsLookedUpInTheContainer() async throws {
            try await withMachineHost(leaving: "users") { host in
                try AtomicFile.write(
                    Array("root:x:0:\nstaff:x:50:alice\nwheel:x:10:\n".utf8), to: host.bundle.appending("rootfs/etc/group"), mode: 0o644)
                try host.specify(["sleep", "600"])
                _ = try await host.create("users")
                try await host.kata("start", "users")
                #expect(try await host.kata("exec", "--user", "alice", "users", "id").text.hasPrefix("uid=1000(alice) gid=1000 groups="))
                #expect(try await host.kata("exec", "--user", "alice", "users", "id").text.contains("50(staff)"))
                #expect(try await host.kata("exec", "--user", "alice:wheel", "users", "id", "-g").text == "10\n")
                #expect(try await host.kata("exec", "--user", "4242", "users", "id", "-u").text == "4242\n")
                let unknown = try await host.kata("exec", "--user", "eve", "users", "id")
                #expect(unknown.status != .exited(0) && unknown.errorText.contains("'eve'"), "\(unknown.errorText)")
                try await host.kata("delete", "--force", "users")
            }
        }

        @Test func aProfileThatTheGuestCannotApplyIsToldOfAndAFilterThatIsOffIsNotInstalled() async throws {
            try await withMachineHost(leaving: "confined") { host in
                let text = String(decoding: try FileSystem.read(host.configuration), as: UTF8.self)
                let off = text.replacingOccurrences(of: "[runtime]", with: "[runtime]\ndisable_guest_seccomp = true")
                try AtomicFile.write(Array(off.utf8), to: host.configuration)
                try host.specify(["sleep", "600"]) { document in
                    change(&document, "process") {
                        $0["apparmorProfile"] = "docker-default"
                        $0["selinuxLabel"] = "system_u:system_r:container_t:s0"
                    }
                    change(&document, "linux") {
                        $0["seccomp"] = [
                            "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [["names": ["mkdir"], "action": "SCMP_ACT_ERRNO"]],
                        ]
                    }
                }
                let log = host.directory.appending("log")
                _ = try await host.create("confined", log: log)
                let said = String(decoding: try FileSystem.read(log), as: UTF8.self)
                #expect(said.contains("AppArmor profile 'docker-default' is not applied: the guest's kernel has no AppArmor"), "\(said)")
                #expect(said.contains("SELinux label 'system_u:system_r:container_t:s0' is not applied"), "\(said)")
                try await host.kata("start", "confined")
                #expect(try await host.kata("exec", "confined", "grep", "^Seccomp:", "/proc/1/status").text == "Seccomp:\t0\n")
                #expect(try await host.kata("delete", "--force", "confined").status == .exited(0))
            }
        }
    }
}
