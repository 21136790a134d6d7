// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// Pods as a kubelet asks containerd for them, whose CRI plugin calls the runtime as a handler of its own.
    @Suite(
        .needs(
            .program("containerd"), .program("containerd-shim-runc-v2"), .program("curl"), .program("iptables"), .program("nsenter"),
            .file("/usr/lib/cni/bridge"), .file("/usr/lib/cni/portmap")))
    struct PodSandboxTests {
        /// The runtime's part is Docs/Engines.md, as it is written there.
        private static func plugins(_ lab: EngineLab) throws -> String {
            """
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "localhost/pause:1"
              stream_server_address = "127.0.0.1"
              [plugins."io.containerd.grpc.v1.cri".containerd]
                default_runtime_name = "kata"
            \(try EnginesPage.block(behind: "containerd 1.6:").replacing("/usr/local/bin/kata-runtime", with: "\(lab.runtime)"))
              [plugins."io.containerd.grpc.v1.cri".cni]
                bin_dir = "/usr/lib/cni"
                conf_dir = "\(lab.directory)/cni"
            """
        }

        private static func network(_ lab: EngineLab) -> [String: Any] {
            let ranges = [[["subnet": "10.88.79.0/24"]]]
            let addresses: [String: Any] = [
                "type": "host-local", "ranges": ranges, "routes": [["dst": "0.0.0.0/0"]], "dataDir": "\(lab.directory)/addresses",
            ]
            let bridge: [String: Any] = ["type": "bridge", "bridge": "kubelab", "isGateway": true, "ipMasq": true, "ipam": addresses]
            return ["cniVersion": "0.4.0", "name": "lab", "plugins": [bridge]]
        }

        private static func with(_ body: (Containerd, CRI) async throws -> Void) async throws {
            try await Containerd.with(plugins: plugins) { containerd in
                let lab = containerd.lab
                try FileSystem.makeDirectory(lab.directory.appending("cni"))
                try AtomicFile.write(
                    Array(JSONSerialization.data(withJSONObject: network(lab))), to: lab.directory.appending("cni/10-lab.conflist"))
                let pause = try await lab.savedImage("localhost/pause:1", entrypoint: ["/bin/sleep", "2147483647"])
                for image in [pause, try await lab.savedImage(EngineLab.image, entrypoint: [])] {
                    let loaded = try await containerd("--namespace", "k8s.io", "images", "import", image.string)
                    #expect(loaded.status == .exited(0), "\(loaded.errorText)")
                }
                try await body(containerd, CRI(socket: containerd.socket, logs: lab.directory.appending("logs"), handler: "kata"))
            }
        }

        @Test func aPodIsOneMachineWhoseContainersShareWhatKubernetesShares() async throws {
            try await Self.with { containerd, cri in
                let pod = try await cri.runPod("web")
                do {
                    try await live(containerd, cri, pod)
                } catch {
                    // The first failure is the one to report.
                    _ = try? await cri.call("StopPodSandbox", [.text(1, pod.id)])
                    _ = try? await cri.call("RemovePodSandbox", [.text(1, pod.id)])
                    throw error
                }
                try await cri.call("StopPodSandbox", [.text(1, pod.id)])
                let stopped = try #require(try await cri.call("PodSandboxStatus", [.text(1, pod.id)]).message(1))
                #expect(stopped.number(3) == 1, "SANDBOX_NOTREADY")
                try await cri.call("RemovePodSandbox", [.text(1, pod.id)])
                #expect(try await cri.call("ListPodSandbox").messages(1).isEmpty)
                #expect(try await cri.call("ListContainers").messages(1).isEmpty)
                #expect(try await containerd("--namespace", "k8s.io", "task", "list", "-q").text == "")
                #expect(try leftovers(of: pod, containerd.lab) == [])
            }
        }

        /// Everything from the pod's start to its containers' removal, save that one of them goes with the pod.
        private func live(_ containerd: Containerd, _ cri: CRI, _ pod: CRI.Pod) async throws {
            let status = try #require(try await cri.call("PodSandboxStatus", [.text(1, pod.id)]).message(1))
            let address = status.message(5)?.text(1) ?? ""
            #expect(status.number(3) == 0 && address.hasPrefix("10.88.79."), "SANDBOX_READY with an address: \(address)")

            let talk = "echo out-a; echo err-a >&2; trap 'exit 7' TERM; while :; do sleep 1; done"
            let a = try await cri.create("a", in: pod, .container, memory: 32 << 20, ["sh", "-c", talk])
            let serve = "mkdir /tmp/www; echo page >/tmp/www/index.html; httpd -f -p 8080 -h /tmp/www"
            let b = try await cri.create("b", in: pod, .pod, memory: 32 << 20, ["sh", "-c", serve])
            for id in [a, b] {
                #expect(try await cri.status(id).state == 0)
                try await cri.start(id)
                #expect(try await cri.status(id).state == 1)
            }
            let boot = "/proc/sys/kernel/random/boot_id"
            let machine = try await cri.exec(a, "cat", boot).output
            #expect(machine != String(decoding: try FileSystem.read(FilePath(boot)), as: UTF8.self), "not the host")
            #expect(try await cri.exec(b, "cat", boot).output == machine, "one machine for both")
            #expect(try await cri.exec(a, "hostname").output == "web\n")
            _ = try await cri.exec(a, "sh", "-c", "echo shared >/dev/shm/word")
            #expect(try await cri.exec(b, "cat", "/dev/shm/word").output == "shared\n")
            #expect(try await cri.exec(a, "wget", "-q", "-O", "-", "http://127.0.0.1:8080/").output == "page\n", "one network")
            #expect(try await containerd.lab.fetch("http://\(address):8080/") == "page\n", "the bridge of CNI")
            #expect(try await cri.exec(b, "ps").output.contains("sleep 2147483647"), "the pod's process ids")
            #expect(try await !cri.exec(a, "ps").output.contains("sleep 2147483647"), "process ids of its own")

            let exec = try await cri.exec(a, "sh", "-c", "echo hi; echo no >&2; exit 5")
            #expect(exec == (5, "hi\n", "no\n"))
            await #expect { try await cri.exec(a, seconds: 1, "sleep", "4321") } throws: { ($0 as? CRI.Failure)?.code == 4 }
            #expect(try await !cri.exec(a, "ps").output.contains("sleep 4321"), "what took too long is ended in the guest as well")
            let stats = try #require(try await cri.call("ContainerStats", [.text(1, a)]).message(1))
            #expect(stats.message(1)?.text(1) == a, "there are figures, if those of the stub: the machine is in the pod's cgroup")
            try await cri.call("UpdateContainerResources", [.text(1, a), .message(2, [.number(4, 48 << 20)])])
            #expect(try await cri.exec(a, "cat", "/sys/fs/cgroup/memory.max").output == "\(48 << 20)\n")

            let hungry = try await cri.create("hungry", in: pod, .container, memory: 16 << 20, ["sh", "-c", "exec tail /dev/zero"])
            try await cri.start(hungry)
            for _ in 0..<150 where try await cri.status(hungry).state != 2 { try await Task.sleep(for: .milliseconds(200)) }
            #expect(try await cri.status(hungry) == (2, 137))
            #expect(try await cri.reason(hungry) == "OOMKilled")
            try await cri.remove(hungry)

            try await cri.stop(a, seconds: 20)
            #expect(try await cri.status(a) == (2, 7), "its handler of TERM has run")
            let log = String(decoding: try FileSystem.read(cri.logs.appending("a.log")), as: UTF8.self)
            #expect(log.contains(" stdout F out-a\n") && log.contains(" stderr F err-a\n"), "\(log)")
            try await cri.remove(a)
            #expect(try await cri.exec(b, "true").status == 0, "the other goes on")
        }

        private func leftovers(of pod: CRI.Pod, _ lab: EngineLab) throws -> [String] {
            var found = try MachineHost.processes(mentioning: pod.id)
            for place in ["/run/kata-swift/sandboxes/\(pod.id)", "/run/containerd/runc/k8s.io/\(pod.id)"]
            where FileSystem.exists(FilePath(place)) {
                found.append(place)
            }
            let mounts = String(decoding: try FileSystem.read(FilePath("/proc/\(lab.holderPID)/mountinfo")), as: UTF8.self)
            found += mounts.split(separator: "\n").map(String.init).filter { $0.contains(pod.id) || $0.contains("/netns/") }
            for hierarchy in try FileSystem.list("/sys/fs/cgroup") {
                let group = FilePath("/sys/fs/cgroup").appending(hierarchy).appending("k8s.io").appending(pod.id)
                if FileSystem.exists(group) { found.append(group.string) }
            }
            return found
        }
    }
}
