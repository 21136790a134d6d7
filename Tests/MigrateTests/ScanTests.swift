// SPDX-License-Identifier: Apache-2.0

import Compat
import Glibc
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

@Suite struct ScanTests {
    private let host = HostFixture.clearContainersDocker

    @Test(arguments: HostFixture.all)
    func theHostIsReportedAsExpected(host: HostFixture) throws {
        try host.withTree { root in
            let scan = try host.scan(root)
            try host.expect(scan.text.withRoot(root), is: "scan.txt")
            try host.expect(scan.json.withRoot(root), is: "scan.json")
        }
    }

    @Test func aScanLeavesTheTreeAsItIs() throws {
        try host.withTree { root in
            let before = try fingerprint(of: root)
            _ = try host.scan(root).json
            #expect(try fingerprint(of: root) == before)
        }
    }

    @Test func aScanSaysTheSameTwice() throws {
        try host.withTree { root in
            let first = try host.scan(root).json
            #expect(try host.scan(root).json == first)
        }
    }

    @Test func theReportIsJSON() throws {
        try host.withTree { root in
            let text = try host.scan(root).json
            let root = try #require(JSONDocument.parse(SourceText(path: "scan.json", text: text)).value?.root)
            #expect(root["version"]?.integer == 1)
            #expect(root["sandboxes"]?.array?.count == 3)
        }
    }

    @Test func withoutFactsNothingIsSaidToBeStopped() throws {
        try host.withTree { root in
            let scan = try host.scan(root, facts: .unknown)
            #expect(scan.processes == nil)
            #expect(scan.strayMounts == nil)
            #expect(scan.sandboxes.map(\.liveness) == [.unknown, .unknown, .unknown])
            let unknown = scan.diagnostics.filter { $0.code == "MIG003" }.map(\.message)
            #expect(unknown == ["not known: processes, mounts, sockets, states of units; a copied tree holds files only"])
            #expect(scan.units.allSatisfy { $0.state == .unknown })
        }
    }

    @Test func anythingThatRunsOfASandboxSpeaksForItsLife() throws {
        try host.withTree { root in
            let running = try #require(host.facts.processes).compactMap { LegacyProcess($0)?.sandbox != nil ? $0 : nil }
            for process in running {
                let scan = try host.scan(root, facts: HostFacts(processes: [process], sockets: []))
                #expect(scan.sandboxes.count { $0.liveness == .running } == 1, "\(process.executable)")
            }
            let held = try #require(host.facts.sockets)
            #expect(try host.scan(root, facts: HostFacts(processes: [], sockets: held)).sandboxes.count { $0.liveness == .running } == 1)
            #expect(try host.scan(root, facts: HostFacts(processes: [], sockets: [])).sandboxes.allSatisfy { $0.liveness == .stopped })
        }
    }

    /// Shims of 3.0.0 to 3.0.3 name neither container nor sandbox, and only one of two is on record.
    @Test func aShimThatNamesNothingIsItsSandboxsWithTheProcessThatWatchesIt() throws {
        let host = HostFixture.clearContainersEarly
        try host.withTree { root in
            let scan = try host.scan(root)
            let running = scan.sandboxes.filter { $0.liveness == .running }
            #expect(running.map { $0.processes.map(\.process.pid).sorted() } == [[2410, 2431, 2436]])
            let named = scan.processes?.filter { $0.sandbox == running.first?.id.rawValue }
            #expect(named?.map(\.process.pid) == [2410, 2431, 2436])
        }
    }

    /// Up to 3.0.11 they were below /tmp.
    @Test func whatAnEarlyGuestSharesIsItsSandboxs() throws {
        let host = HostFixture.clearContainersEarly
        try host.withTree { root in
            let mounts = try host.scan(root).sandboxes.flatMap(\.mounts)
            #expect(mounts.count == 3 && mounts.allSatisfy { $0.starts(with: "/tmp/hyper/shared/pods") })
            try FileSystem.removeTree(root.appending("var/lib/virtcontainers/pods"))
            try FileSystem.removeTree(root.appending("run/virtcontainers/pods"))
            #expect(try host.scan(root).strayMounts?.sorted { $0.string < $1.string } == mounts.sorted { $0.string < $1.string })
        }
    }

    /// Where somebody ran a daemon of runV in an engine's place, its flags are in a unit of his own.
    @Test(
        arguments: [
            ([("etc/systemd/system/runv-containerd.service", "ExecStart=/usr/local/bin/runv-containerd --kernel /k")], 0),
            ([("usr/lib/systemd/system/engine.service", "ExecStart=-/usr/local/bin/runv --kernel /k containerd --debug")], 0),
            (
                [
                    ("lib/systemd/system/containerd.service", "ExecStart=/usr/bin/containerd"),
                    ("etc/systemd/system/containerd.service.d/10-runv.conf", "ExecStart=\nExecStart=/usr/local/bin/runv-containerd"),
                ], 1
            ),
            (
                [
                    ("lib/systemd/system/runv.service", "ExecStart=/usr/local/bin/runv-containerd"),
                    ("etc/systemd/system/runv.service", nil),
                ], nil
            ),
            ([("etc/systemd/system/batch.service", "ExecStart=/usr/local/bin/runv start sweep")], nil),
            ([("etc/systemd/system/other.service", "ExecStart=/opt/other/runv-containerd --kernel /k")], nil),
        ] as [([(String, String?)], Int?)])
    func aUnitThatStartsADaemonOfRunVHoldsItsConfiguration(files: [(path: String, command: String?)], holder: Int?) throws {
        try HostFixture.runVEarly.withTree { root in
            try FileSystem.removeTree(root.appending("etc/systemd/system/runv-containerd.service"))
            for (path, command) in files {
                let place = root.appending(path)
                try FileSystem.makeDirectory(place.removingLastComponent())
                if let command {
                    try AtomicFile.write(Array("[Service]\n\(command)\n".utf8), to: place, mode: 0o644)
                } else {
                    // As `systemctl mask` does it. The device is 1:3.
                    try FileSystem.makeDirectory(root.appending("dev"))
                    try syscall("mknod", "null") { mknod(root.appending("dev/null").string, S_IFCHR | 0o666, 0x103) }
                    try syscall("symlink", path) { symlink("/dev/null", place.string) }
                }
            }
            let scan = try HostFixture.runVEarly.scan(root)
            #expect(scan.configurations.map(\.path.string) == (holder.map { ["/" + files[$0].path] } ?? []))
            #expect(!scan.diagnostics.contains { $0.code == "MIG002" })
        }
    }

    @Test func ownersAreDockerWhereDockerStillKnowsTheContainer() throws {
        try host.withTree { root in
            let owners = Dictionary(uniqueKeysWithValues: try host.scan(root).sandboxes.map { ($0.id.rawValue, $0.owner.title) })
            #expect(owners.values.sorted() == ["docker container billing", "docker container rotate", "nobody"])
            #expect(owners["nightly-report"] == "nobody")
            try FileSystem.removeTree(root.appending("var/lib/docker/containers"))
            #expect(try host.scan(root).sandboxes.map(\.owner.title).sorted() == ["forgotten by docker", "forgotten by docker", "nobody"])
        }
    }

    /// Docker writes Go's time before any where there was none, and keeps the status of the last end while the container runs again.
    @Test(
        arguments: [
            ("false", "2018-04-02T22:04:31.9Z", 137), ("true", "2018-04-02T22:04:31.9Z", nil), ("false", "0001-01-01T00:00:00Z", nil),
        ] as [(String, String, Int32?)])
    func howAContainerEndedIsWhatDockerNoted(isRunning: String, finished: String, status: Int32?) throws {
        let id = "b27c4ff8a9135d60e84e1f0b6a72c9d3581d40e6f7ab932c06e5814d9fb7a03e"
        try host.withTree { root in
            let json = #"{"State":{"Running":\#(isRunning),"ExitCode":137,"FinishedAt":"\#(finished)"},"ID":"\#(id)","Name":"/rotate"}"#
            try AtomicFile.write(
                Array(json.utf8), to: root.appending("var/lib/docker/containers").appending(id).appending("config.v2.json"))
            #expect(try host.scan(root).docker?.containers.first { $0.id == id }?.exitStatus == status)
            let endings = try host.plan(root).endings
            #expect(endings == (status.map { [Ending(container: "rotate", status: $0, keeper: .docker)] } ?? []))
        }
    }

    /// Each is done to the tree alone; the scan must say so and still find the other sandboxes.
    @Test(
        arguments: [
            ("var/lib/virtcontainers/pods/nightly-report/config.json", "{\"ID\": "), ("run/virtcontainers/pods", nil),
            ("etc/docker/daemon.json", "{"), ("etc/clear-containers/configuration.toml", "[hypervisor.qemu\n"),
            ("var/lib/docker/containers", "not a directory"), ("var/lib/dpkg/status", "\u{0}\u{0}\u{0}"), ("etc/os-release", "ID"),
            ("etc/systemd/system/docker.service.d/clear-containers.conf", "[Service\nExecStart"),
        ] as [(String, String?)])
    func aDamagedFileDoesNotStopTheScan(path: String, content: String?) throws {
        try host.withTree { root in
            let place = root.appending(path)
            try FileSystem.removeTree(place)
            if let content { try AtomicFile.write(Array(content.utf8), to: place) }
            let scan = try host.scan(root)
            #expect(scan.sandboxes.count + scan.brokenRecords.count == 3)
            #expect(scan.files.count > 5)
            #expect(JSONDocument.parse(SourceText(path: "scan.json", text: scan.json)).value != nil)
        }
    }

    @Test func aLinkOutOfTheTreeIsNotFollowed() async throws {
        try await withTemporaryDirectory { outside in
            let secret = outside.appending("configuration.toml")
            try AtomicFile.write(Array("[hypervisor.qemu]\ndefault_memory = 77777\n".utf8), to: secret)
            try host.withTree { root in
                for path in ["etc/clear-containers/configuration.toml", "var/lib/virtcontainers/pods/nightly-report/config.json"] {
                    try FileSystem.remove(root.appending(path))
                    try syscall("symlink", path) { symlink(secret.string, root.appending(path).string) }
                }
                let scan = try host.scan(root)
                #expect(!scan.json.contains("77777"))
                #expect(scan.configuration?.path == "/usr/share/defaults/clear-containers/configuration.toml")
                #expect(!scan.sources.values.contains { String(decoding: $0.bytes, as: UTF8.self).contains("77777") })
            }
        }
    }

    @Test func aFifoInPlaceOfAFileIsReportedAndNotWaitedFor() throws {
        try host.withTree { root in
            let path = root.appending("etc/docker/daemon.json")
            try FileSystem.remove(path)
            try syscall("mkfifo", "daemon.json") { mkfifo(path.string, 0o600) }
            let scan = try host.scan(root)
            #expect(scan.diagnostics.contains { $0.code == "MIG002" && $0.path == "/etc/docker/daemon.json" })
            #expect(scan.docker?.engine.registrations.count == 1)
        }
    }

    @Test func anEmptyHostHasNothing() async throws {
        try await withTemporaryDirectory { root in
            let scan = HostScan(of: try HostView(root: root, facts: HostFacts(processes: [], mounts: [], sockets: [])))
            #expect(scan.isEmpty)
            #expect(scan.text.contains("nothing of an old runtime was found"))
        }
    }

    @Test(arguments: [
        ("3.0.23+git.64d2226-27", true), ("3.0.22-1", false), ("3.0.4+git", false), ("3.0.3-1", true), ("garbage", true),
    ])
    func aFileBelowEtcWasReadByTheReleasesThatLookedThere(version: String, isRead: Bool) throws {
        try host.withTree { root in
            let status = "Package: cc-runtime\nStatus: install ok installed\nVersion: \(version)\n"
            try AtomicFile.write(Array(status.utf8), to: root.appending("var/lib/dpkg/status"))
            let scan = try host.scan(root)
            let etc = try #require(scan.configurations.first { $0.path.starts(with: "/etc") })
            #expect((etc.standing == .inUse) == isRead)
            #expect(scan.diagnostics.contains { $0.code == "MIG005" } == !isRead)
            #expect(scan.configurations.count { $0.standing == .inUse } == 1)
        }
    }

    @Test(arguments: [
        ("exec /usr/local/bin/runv --driver=kvm \"$@\"", true), ("DEBUG=1 exec \"/usr/local/bin/runv\" \"$@\"", true),
        ("'/usr/local/bin/runv' \"$@\"", true), ("#/usr/local/bin/runv \"$@\"\nexec /usr/bin/runc \"$@\"", false),
        ("# /usr/local/bin/runv\nexec /usr/bin/runc \"$@\"", false),
    ])
    func aScriptIsKnownByWhatItRuns(text: String, isKnown: Bool) throws {
        try HostFixture.runVCRIO.withTree { root in
            try AtomicFile.write(Array("#!/bin/sh\n\(text)\n".utf8), to: root.appending("usr/local/bin/runv-crio"), mode: 0o755)
            let registrations = try HostFixture.runVCRIO.scan(root).engines.flatMap(\.legacyRegistrations)
            #expect(registrations.map(\.wrapped) == (isKnown ? ["/usr/local/bin/runv"] : []))
        }
    }

    @Test func aConfigurationThatDockerNamesIsTheOneInUse() throws {
        try host.withTree { root in
            let named = "/etc/clear-containers/named.toml"
            for (arguments, isNamed) in [
                ("[\"--cc-config\", \"\(named)\"]", true), ("[\"--cc-config=\(named)\"]", true), ("[\"--cc-config\"]", false),
            ] {
                let json = "{\"runtimes\": {\"cc-runtime\": {\"path\": \"/usr/bin/cc-runtime\", \"runtimeArgs\": \(arguments)}}}"
                try AtomicFile.write(Array(json.utf8), to: root.appending("etc/docker/daemon.json"))
                try AtomicFile.write(Array("[hypervisor.qemu]\n".utf8), to: root.pushing(FilePath(named).removingRoot()))
                let scan = try host.scan(root)
                #expect((scan.configuration?.path.string == named) == isNamed, "\(arguments)")
            }
        }
    }

    @Test(arguments: [("/var/run/clear-containers/proxy.sock", .active), ("/run/other.sock", .inactive)] as [(FilePath, UnitStates.State)])
    func aSocketUnitIsToldByItsSocket(held: FilePath, state: UnitStates.State) throws {
        try host.withTree { root in
            let facts = HostFacts(processes: [], sockets: [held], units: UnitStates(known: [:], otherServices: .inactive))
            let units = try host.scan(root, facts: facts).units
            #expect(units.first { $0.name == "cc-proxy.socket" }?.state == state)
            #expect(units.first { $0.name == "cc-proxy.service" }?.state == .inactive)
        }
    }

    @Test func removedPackagesAreNotInstalled() throws {
        try host.withTree { root in
            let packages = try host.scan(root).packages
            #expect(packages.contains { $0.name == "cc-runtime" })
            #expect(!packages.contains { $0.name == "cc-oci-runtime" || $0.name == "bash" })
        }
    }
}
