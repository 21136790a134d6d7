// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// A host that has cgroups of version 2 alone: a container with this host's programs, whose group in the guest is its root.
    @Suite struct UnifiedHostTests {
        /// Has an alarm given there. Creates a container, reads its group while the machine in the machine comes up, and breaks the creation
        /// off.
        private static func script(_ host: MachineHost) -> String {
            """
            root=/sys/fs/cgroup group=/sys/fs/cgroup/machines/inner runtime=\(MachineHost.runtime)
            mkdir $root/caller && echo $$ >$root/caller/cgroup.procs
            echo +memory >$root/cgroup.subtree_control
            mkdir $root/hungry; sleep 600 & echo $! >$root/hungry/cgroup.procs
            bash -c "exec -a kata-alarm $runtime $root/hungry"
            echo alarm $? $(grep '^oom_kill ' $root/hungry/memory.events) $(cat $root/hungry/memory.max) $(wc -l <$root/hungry/cgroup.procs)
            echo hierarchies $(grep -c ' cgroup2 ' /proc/mounts) $(grep -c ' cgroup ' /proc/mounts)
            $runtime --root /run/inner --config \(host.configuration) create --bundle \(host.bundle)/inner inner </dev/null >/run/output 2>&1 &
            creation=$!
            while kill -0 $creation 2>/dev/null; do
                for process in $(cat $group/cgroup.procs 2>/dev/null); do
                    read name </proc/$process/comm && case $name in qemu*) break 2 ;; esac
                done
                sleep 0.5
            done
            echo handed $(cat $root/machines/cgroup.subtree_control)
            for process in $(cat $group/cgroup.procs); do echo member $(tr '\\0' ' ' </proc/$process/cmdline); done
            echo memory $(cat $group/memory.current)
            kill $creation; wait $creation; cat /run/output
            test -e $group && echo left the group
            test -e /run/inner/inner && echo left the record
            exit 0
            """
        }

        @Test func aContainersGroupHoldsItsMachineCountsItAndHearsAnAlarm() async throws {
            try await withMachineHost(leaving: "outer") { host in
                let outer = host.bundle, inner = outer.appending("inner"), root = outer.appending("host")
                for name in ["opt", "usr", "dev", "proc", "sys", "tmp", "etc", "run", "var"] {
                    try FileSystem.makeDirectory(root.appending(name))
                }
                for name in ["bin", "sbin", "lib", "lib64"] { symlink("usr/\(name)", root.appending(name).string) }
                var nested = host
                nested.bundle = inner
                try FileSystem.makeDirectory(inner)
                try nested.specify(["true"]) { document in
                    document["root"] = ["path": outer.appending("rootfs").string]
                    var linux = document["linux"] as? [String: Any] ?? [:]
                    linux["cgroupsPath"] = "/machines/inner"
                    document["linux"] = linux
                }
                try host.specify(["/bin/sh", "-c", Self.script(host)]) { document in
                    document["root"] = ["path": "host"]
                    var process = document["process"] as? [String: Any] ?? [:]
                    process["env"] = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/run"]
                    let all = [
                        "CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_KILL", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE", "CAP_MKNOD",
                        "CAP_SYS_CHROOT", "CAP_SETUID", "CAP_SETGID", "CAP_FOWNER",
                    ]
                    process["capabilities"] = ["bounding": all, "effective": all, "permitted": all]
                    document["process"] = process
                    var linux = document["linux"] as? [String: Any] ?? [:]
                    linux["namespaces"] = ["pid", "network", "ipc", "uts", "mount", "cgroup"].map { ["type": $0] }
                    linux["resources"] = ["memory": ["limit": 1 << 30]]
                    document["linux"] = linux
                    var mounts = document["mounts"] as? [[String: Any]] ?? []
                    mounts.append([
                        "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev"],
                    ])
                    for place in ["/run", "/var/lib"] {
                        mounts.append(["destination": place, "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]])
                    }
                    let programs = TestMachine.binaries.string, assets = TestMachine.assets.string
                    for place in ["/usr", "/opt", programs, assets, host.directory.string] {
                        mounts.append(["destination": place, "type": "bind", "source": place, "options": ["rbind", "ro"]])
                    }
                    document["mounts"] = mounts
                }
                let run = try await host.kata("run", "--bundle", outer.string, "outer", timeout: .seconds(300))
                let lines = run.text.split(separator: "\n")
                #expect(lines.first == "alarm 0 oom_kill 1 max 1", "\(run.text)\(run.errorText)")
                #expect(lines.dropFirst().first == "hierarchies 1 0", "\(run.text)\(run.errorText)")
                let handed = try #require(lines.first { $0.hasPrefix("handed ") }).split(separator: " ").dropFirst()
                #expect(Set(handed).isSuperset(of: ["cpu", "io", "memory", "pids"]), "\(run.text)")
                let members = lines.filter { $0.hasPrefix("member ") }
                #expect(members.contains { $0.contains("qemu-system") }, "\(run.text)\(run.errorText)")
                #expect(members.count >= 3, "stub, shim and machine: \(run.text)")
                let memory = try #require(lines.first { $0.hasPrefix("memory ") }).split(separator: " ").last.flatMap { Int($0) }
                #expect(try #require(memory) > 1 << 20, "\(run.text)")
                #expect(!run.text.contains("left the"), "\(run.text)")
            }
        }
    }
}
