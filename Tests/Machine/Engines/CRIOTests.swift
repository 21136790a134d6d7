// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    @Suite(.needs(.program("conmon"), .program("nsenter"), .program("unshare")))
    struct CRIOTests {
        private static func with(_ pod: String, _ body: (CRIO) async throws -> Void) async throws {
            try await EngineLab.with { lab in
                let crio = try CRIO(lab, pod: pod)
                var failure: (any Error)?
                do { try await body(crio) } catch { failure = error }
                for id in try FileSystem.list(crio.root) { try await crio.runtime("delete", "--force", id) }
                if let failure { throw failure }
                #expect(try FileSystem.list(crio.root) == [])
                #expect(!FileSystem.exists(FilePath("/run/kata-swift/sandboxes").appending(pod)))
                let named = try MachineHost.processes(mentioning: lab.directory.string)
                #expect(named.filter { !$0.contains("unshare") && !$0.contains("sleep 86400") } == [])
                for hierarchy in try FileSystem.list("/sys/fs/cgroup") {
                    let group = FilePath("/sys/fs/cgroup").appending(hierarchy).appending("kata-\(pod)")
                    if FileSystem.exists(group) { #expect(try FileSystem.list(group).allSatisfy { !$0.hasPrefix("crio-") }, "\(group)") }
                    _ = rmdir(group.string)  // the pod's own group is CRI-O's to make and to remove
                }
            }
        }

        /// CRI-O leaves the infrastructure container out where no container needs its process ids.
        @Test func theFirstContainerOfAPodWithoutAnInfrastructureContainerMakesTheMachine() async throws {
            let pod = "pod-\(UInt32.random(in: 0 ... .max))"
            try await Self.with(pod) { crio in
                let namespaces = try await crio.pinNamespaces()
                let words = "hostname; cat /etc/resolv.conf; echo word >/dev/shm/word; trap 'exit 9' TERM; while :; do sleep 1; done"
                try crio.specify("one", "container", namespaces: namespaces, ["sh", "-c", words])
                let pid = try await crio.create("one")
                #expect(try await crio.status("one") == "created")
                #expect(try await crio.runtime("start", "one").status == .exited(0))
                #expect(FileSystem.exists(FilePath("/proc/\(pid)")))

                try crio.specify("two", "container", namespaces: namespaces, ["sh", "-c", "cat /dev/shm/word; hostname; exit 3"])
                _ = try await crio.create("two")
                #expect(try await crio.runtime("start", "two").status == .exited(0))
                #expect(try await crio.exitCode("two") == "3")
                let said = try crio.logged("two")
                #expect(said.contains(" stdout F word\n"), "one shared memory: \(said)")
                #expect(said.contains(" stdout F crio-pod\n"), "one host name: \(said)")
                #expect(try await crio.runtime("delete", "--force", "two").status == .exited(0))

                #expect(try await crio.status("one") == "running", "the first goes on")
                let exec = try await crio.exec("one", ["sh", "-c", "echo said; exit 5"])
                #expect(exec.code == 5 && exec.log.contains(" stdout F said\n"), "\(exec)")
                let late = try await crio.exec("one", ["sleep", "4321"], seconds: 1)
                #expect(late.code == -1, "conmon's time was up: \(late)")
                #expect(try await !crio.exec("one", ["ps"]).log.contains("sleep 4321"))
                #expect(try crio.logged("one").contains("nameserver 192.0.2.53"))
                #expect(try await crio.runtime("kill", "one", "15").status == .exited(0))
                #expect(try await crio.exitCode("one") == "9")
                #expect(try await crio.status("one") == "stopped")
                let again = try await crio.runtime("kill", "one", "KILL")
                #expect(again.status == .exited(1) && again.errorText.contains("container not running"), "\(again.errorText)")
                #expect(try await crio.runtime("delete", "--force", "one").status == .exited(0))
            }
        }

        @Test func containersOfAPodWithSharedProcessIDsSeeThoseOfItsInfrastructureContainer() async throws {
            let pod = "pod-\(UInt32.random(in: 0 ... .max))"
            try await Self.with(pod) { crio in
                var namespaces = try await crio.pinNamespaces()
                try crio.specify(pod, "sandbox", namespaces: namespaces, ["sleep", "86399"])
                let pause = try await crio.create(pod)
                #expect(try await crio.runtime("start", pod).status == .exited(0))
                namespaces["pid"] = "/proc/\(pause)/ns/pid"
                try crio.specify("member", "container", namespaces: namespaces, ["sleep", "86398"])
                _ = try await crio.create("member")
                #expect(try await crio.runtime("start", "member").status == .exited(0))
                let seen = try await crio.exec("member", ["ps"]).log
                #expect(seen.contains("sleep 86399") && seen.contains("sleep 86398"), "\(seen)")
                #expect(try await crio.runtime("kill", "member", "KILL").status == .exited(0))
                #expect(try await crio.exitCode("member") == "137")
                #expect(try await crio.runtime("delete", "--force", "member").status == .exited(0))
                #expect(try await crio.runtime("kill", pod, "KILL").status == .exited(0))
                #expect(try await crio.exitCode(pod) == "137")
                #expect(try await crio.runtime("delete", "--force", pod).status == .exited(0))
            }
        }
    }
}
