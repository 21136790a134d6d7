// SPDX-License-Identifier: Apache-2.0

import Compat
import Glibc
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

@Suite struct HostFactsTests {
    @Test func savedListingsAreReadWhole() throws {
        let facts = HostFixture.clearContainersDocker.facts
        #expect(facts.diagnostics.isEmpty)
        #expect(facts.processes?.count == 11)
        let hypervisor = try #require(facts.processes?.first { $0.pid == 4170 })
        #expect(hypervisor.startTime == 490311)
        #expect(hypervisor.arguments.contains { $0.hasPrefix("init=/usr/lib/systemd/systemd systemd.unit=") }, "blanks inside an argument")
        #expect(facts.mounts?.contains { $0.point == "/run" && $0.type == "tmpfs" } == true)
        #expect(facts.sockets?.contains("/var/run/docker.sock") == true)
        #expect(facts.units?.state(of: "docker.service") == .active)
        #expect(facts.units?.state(of: "other.service") == .unknown)
        #expect(facts.hardware?.processors == 8 && facts.hardware?.memoryMiB == 32093)
        #expect(facts.cgroups?.map(\.pid) == [4201, 4208])
        #expect(facts.links == nil, "not listed is not known")
        #expect(HostFixture.mixed.facts.links?.contains(HostLink(name: "vm-ZxCvBnMaS0", kind: .tap, bridge: "hyper0")) == true)
    }

    @Test func aMissingListingIsUnknownAndAMalformedLineIsReported() async throws {
        try await withTemporaryDirectory { directory in
            try AtomicFile.write(Array("1 0 5 /init init\nx y z\n\n2 1\n".utf8), to: directory.appending("processes.txt"))
            let facts = HostFacts.saved(in: directory)
            #expect(facts.processes?.map(\.pid) == [1])
            #expect(facts.mounts == nil && facts.sockets == nil && facts.units == nil)
            #expect(facts.diagnostics.map(\.message) == ["line 2 cannot be read and is left out", "line 4 cannot be read and is left out"])
        }
    }

    @Test func thisMachineIsKnownByItsOwnProc() throws {
        let facts = HostFacts.live()
        let here = try #require(facts.processes?.first { $0.pid == getpid() })
        #expect(here.startTime == (try ProcessIdentity.current()).startTime)
        #expect(here.parent == getppid())
        #expect(!here.executable.isEmpty && !here.arguments.isEmpty)
        #expect(facts.mounts?.contains { $0.point == "/proc" } == true)
        #expect(facts.sockets != nil && facts.units != nil && facts.cgroups != nil)
        #expect(facts.links?.contains { $0.name == "lo" && $0.kind == .other } == true)
        #expect(facts.hardware.map { $0.processors > 0 && $0.memoryMiB > 0 } == true)
    }

    @Test(arguments: [
        ("hyper0 bridge", true), ("docker0 bridge", false), ("vm-QwErTyUiO0 tap", true), ("tap0 tap", false), ("tap0 tap hyper0", true),
        ("veth1 other hyper0", true), ("eth0 other", false),
    ])
    func aDeviceOfHyperdIsToldByItsNameOrItsBridge(line: String, isFound: Bool) throws {
        #expect(LegacyLink.found(among: [try #require(HostLink(line: line))]).isEmpty != isFound)
    }

    @Test(arguments: ["", "eth0", "eth0 wire", "a tap b c"])
    func aMalformedDeviceIsNone(line: String) {
        #expect(HostLink(line: line) == nil)
        #expect(ProcessCgroup(line: line) == nil)
    }

    @Test func aCgroupIsLookedAtOnlyOfWhatTheOldSystemRuns() throws {
        try HostFixture.clearContainersDocker.withTree { root in
            var facts = HostFixture.clearContainersDocker.facts
            facts.cgroups?.append(ProcessCgroup(pid: 1187, path: "/system.slice/docker.service"))
            let scan = try HostFixture.clearContainersDocker.scan(root, facts: facts)
            #expect(scan.cgroups?.map(\.pid) == [4201, 4208])
        }
    }

    private static func process(_ executable: FilePath, _ arguments: String...) -> HostProcess {
        HostProcess(pid: 7, parent: 1, startTime: 9, executable: executable, arguments: arguments)
    }

    @Test(
        arguments: [
            (
                process("/usr/libexec/clear-containers/cc-proxy", "cc-proxy", "-uri", "unix:///run/virtcontainers/pods/abc/proxy.sock"),
                "proxy abc"
            ),
            (process("/usr/libexec/clear-containers/cc-proxy", "cc-proxy"), "proxy -"),
            (
                process(
                    "/usr/lib64/clear-containers/cc-shim", "cc-shim", "-c", "ctr", "-u", "unix:///run/virtcontainers/pods/p/proxy.sock"),
                "shim p"
            ),
            (
                process(
                    "/usr/libexec/clear-containers/cc-shim", "cc-shim", "-c", "ctr", "-u", "unix:///var/run/clear-containers/proxy.sock"),
                "shim ctr"
            ),
            (process("/opt/q", "q", "-name", "pod-x", "-qmp", "unix:/run/virtcontainers/pods/x/mon-1,server"), "hypervisor x"),
            (process("/usr/bin/qemu-system-x86_64", "qemu", "-name", "pod-x"), nil),
            (process("/usr/bin/qemu-system-x86_64", "qemu", "-name"), nil),
            (process("/usr/bin/dockerd", "dockerd"), "engine -"),
            (process("/usr/bin/vc", "vc"), nil),
            (process("/usr/libexec/cc-ksm-throttler/trigger/virtcontainers/vc", "vc"), "ksm throttler -"),
            (process("/bin/bash", "cc-proxy"), nil),
            (process("", "/usr/bin/cc-runtime", "list"), "runtime -"),
            (process(""), nil),
        ] as [(HostProcess, String?)])
    func aProcessIsToldByExecutableAndCommandLine(process: HostProcess, told: String?) {
        #expect(LegacyProcess(process).map { "\($0.role.rawValue) \($0.sandbox ?? "-")" } == told)
    }
}
