// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// Kata as its static archive and kata-deploy install it, below /opt/kata.
@Suite struct StaticKataTests {
    private let host = HostFixture.kataStatic
    private let defaults: FilePath = "/opt/kata/share/defaults/kata-containers"

    @Test func everythingOfTheArchiveIsFound() throws {
        try host.withTree { root in
            let scan = try host.scan(root)
            let system = try #require(scan.systems.first { $0.name == "Kata Containers" })
            #expect(system.version == "3.32.0")
            let found = Dictionary(grouping: system.files, by: \.role).mapValues { Set($0.map(\.seen.path.string)) }
            #expect(found[.runtime] == ["/opt/kata/bin/kata-runtime"])
            #expect(
                found[.shim] == [
                    "/opt/kata/bin/containerd-shim-kata-v2", "/usr/local/bin/containerd-shim-kata-qemu-v2",
                    "/usr/local/bin/containerd-shim-kata-clh-v2",
                ])
            #expect(found[.hypervisor] == ["/opt/kata/bin/qemu-system-x86_64", "/opt/kata/bin/cloud-hypervisor"])
            #expect(found[.guestKernel] == ["/opt/kata/share/kata-containers/vmlinux.container"])
            #expect(found[.guestImage] == ["/opt/kata/share/kata-containers/kata-containers.img"])
            #expect(found[.support]?.contains("/opt/kata/libexec/virtiofsd") == true)
            #expect(scan.allEngines.flatMap(\.legacyRegistrations).map(\.runtimeName) == ["kata-qemu", "kata-clh"])
            let sandbox = try #require(scan.sandboxes.first)
            #expect(sandbox.processes.map(\.role.rawValue).sorted() == ["hypervisor", "shim", "virtiofsd"])
        }
    }

    /// Engines name it, or scripts in a shim's place; else it is where the archive was built to look.
    @Test func theConfigurationThatTheShimsAreGivenIsInUse() throws {
        try host.withTree { root in
            func used() throws -> [FilePath] { try host.scan(root).configurations.filter { $0.standing == .inUse }.map(\.path) }
            #expect(
                try used() == [
                    defaults.appending("configuration-qemu.toml"), defaults.appending("configuration-clh.toml"),
                    defaults.appending("configuration.toml"),
                ])
            try FileSystem.removeTree(root.appending("etc/containerd"))
            #expect(try used() == [defaults.appending("configuration.toml")])
            try FileSystem.makeDirectory(root.appending("etc/kata-containers"))
            try AtomicFile.write(Array("[hypervisor.qemu]\n".utf8), to: root.appending("etc/kata-containers/configuration.toml"))
            #expect(try used() == ["/etc/kata-containers/configuration.toml"])
        }
    }

    @Test func whatLiesOverAConfigurationIsReadWithIt() throws {
        let host = HostFixture.kata4Containerd
        try host.withTree { root in
            let system = try #require(try host.scan(root).systems.first)
            #expect(system.filesTogether.map(\.path.lastComponent?.string) == ["configuration-qemu-runtime-rs.toml", "50-site.toml"])
            let written = { () -> String in
                let changes = try host.plan(root).steps.flatMap(\.changes)
                return changes.compactMap { if case .create(_, let bytes, _) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil } }
                    .joined()
            }
            #expect(try written().contains("\ndefault_memory = 4096\n"))
            let over = root.pushing(defaults.removingRoot()).appending("runtime-rs/runtimes/qemu-runtime-rs/config.d")
            // A later name wins, and what we lay over a file ourselves is no configuration of the old system.
            try AtomicFile.write(Array("[hypervisor.qemu]\ndefault_memory = 3000\n".utf8), to: over.appending("60-later.toml"))
            try AtomicFile.write(Array("[hypervisor.qemu]\ndefault_memory = 1\n".utf8), to: over.appending("40-kata-migrate.toml"))
            #expect(try written().contains("\ndefault_memory = 3000\n"))
        }
    }

    /// What is called through a shim is the shim's; without one it is nobody's.
    @Test func aRuntimeWhoseShimIsGoneIsNotCarried() throws {
        try host.withTree { root in
            func reasons() throws -> [String] {
                try host.plan(root, running: .leave).leftInPlace.filter { $0.what.hasPrefix("containerd runtime ") }.map(\.why)
            }
            let before = try reasons()
            #expect(before.count == 2 && before.allSatisfy { !$0.contains("not on this host") })
            try FileSystem.removeTree(root.appending("usr/local/bin/containerd-shim-kata-clh-v2"))
            #expect(try reasons().count { $0.contains("containerd-shim-kata-clh-v2, which is not on this host") } == 1)
        }
    }

    @Test func aPodOfAShimStaysWithItsShim() throws {
        try host.withTree { root in
            for choice in RunningChoice.allCases {
                let plan = try host.plan(root, running: choice)
                #expect(plan.sandboxes.map(\.verdict) == [.leftRunning])
                #expect(plan.steps.map(\.kind) == [.writeConfiguration])
                #expect(plan.endedPids.isEmpty)
            }
        }
    }

    /// A shim without a configuration of its own reads the file that the new runtime reads.
    @Test(arguments: [true, false]) func aFileThatAShimGoesOnReadingIsNotWritten(hasOwn: Bool) throws {
        try host.withTree { root in
            let script = root.appending("usr/local/bin/containerd-shim-kata-clh-v2")
            if !hasOwn {
                try AtomicFile.write(Array("#!/bin/sh\nexec /opt/kata/bin/containerd-shim-kata-v2 \"$@\"\n".utf8), to: script, mode: 0o755)
            }
            let plan = try host.plan(root, running: .leave)
            #expect(plan.steps.contains { $0.kind == .writeConfiguration } == hasOwn)
            let finding = plan.preflight.first { $0.code == "PRE036" }
            #expect((finding == nil) == hasOwn && finding?.severity != .error, "nothing runs under the new runtime")
            // With an engine that is to call the new runtime it stands in the way.
            let daemon = #"{"runtimes": {"kata": {"path": "/opt/kata/bin/kata-runtime"}}}"#
            try FileSystem.makeDirectory(root.appending("etc/docker"))
            try AtomicFile.write(Array(daemon.utf8), to: root.appending("etc/docker/daemon.json"))
            let blocked = try host.plan(root, running: .leave).preflight.contains { $0.code == "PRE036" && $0.severity == .error }
            #expect(blocked == !hasOwn)
        }
    }

    /// What is laid over a file beside which it lies is read by whoever reads the file, since 2.0.
    @Test func nothingIsLaidOverAFileOfAShim() throws {
        try host.withTree { root in
            let file = root.appending("etc/kata-containers/configuration.toml")
            try FileSystem.makeDirectory(file.removingLastComponent())
            try AtomicFile.write(
                try FileSystem.read(root.appending("opt/kata/share/defaults/kata-containers/configuration-qemu.toml")), to: file)
            let engine = root.appending("etc/containerd/config.toml")
            let text = String(decoding: try FileSystem.read(engine), as: UTF8.self)
            func steps(_ path: String) throws -> [Step.Kind] {
                try AtomicFile.write(
                    Array(text.replacing("/opt/kata/share/defaults/kata-containers/configuration-qemu.toml", with: path).utf8), to: engine)
                return try host.plan(root, running: .leave).steps.map(\.kind)
            }
            #expect(try steps("/etc/kata-containers/configuration.toml") == [])
        }
    }

    @Test(arguments: [
        ("containerd-shim-kata-qemu-v2", true), ("containerd-shim-kata-v2", true), ("containerd-shim-kata--v2", false),
        ("containerd-shim-runc-v2", false), ("containerd-shim-kata-qemu-v3", false), ("kata-qemu", true),
    ])
    func aShimIsKnownByItsName(name: String, isKata: Bool) {
        #expect((LegacySystem.calling(FilePath("/anywhere/\(name)"))?.name == "Kata Containers") == isKata)
    }

    /// A script of 1.x gives the runtime its configuration on the command line.
    @Test func aScriptInTheRuntimesPlaceNamesTheConfiguration() throws {
        try host.withTree { root in
            try FileSystem.removeTree(root.appending("etc/containerd"))
            let script = "#!/bin/bash\n/opt/kata/bin/kata-runtime --kata-config \"\(defaults)/configuration-clh.toml\" $@\n"
            try AtomicFile.write(Array(script.utf8), to: root.appending("opt/kata/bin/kata-qemu"), mode: 0o755)
            let daemon = #"{"runtimes": {"kata-qemu": {"path": "/opt/kata/bin/kata-qemu"}}}"#
            try FileSystem.makeDirectory(root.appending("etc/docker"))
            try AtomicFile.write(Array(daemon.utf8), to: root.appending("etc/docker/daemon.json"))
            #expect(try host.scan(root).configuration?.path == defaults.appending("configuration-clh.toml"))
        }
    }
}
