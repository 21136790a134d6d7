// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataText
import SystemPackage
import Testing

/// What a file means to one runtime and not to another although both take it: nobody is told by the runtimes, so that the translation tells.
@Suite struct TrapTests {
    private struct Written {
        let root: TOMLTable
        let diagnostics: [Diagnostic]
        let losses: [Loss]
        let preface: [String]

        func value(_ key: String) -> ConfigValue? {
            root.value(at: key.split(separator: ".").map(String.init)).flatMap { ConfigValue(of: $0) }
        }

        func reports(_ code: DiagnosticCode, _ words: String) -> Bool {
            diagnostics.contains { $0.code == code && $0.message.contains(words) }
        }
    }

    /// What a text becomes for a target, with all that is said on the way.
    private func write(_ text: String, _ path: FilePath, of dialect: Dialect, for target: String) throws -> Written {
        let translation = dialect.translation(of: SourceText(path: path, text: text), assets: ClearContainersV3GoldenTests.assets)
        let target = try #require(Registry.target(Dialect.ID(rawValue: target)))
        let projection = target.projection(of: translation)
        let parsed = TOMLDocument.parse(SourceText(path: "written.toml", bytes: projection.emission.rendered))
        return Written(
            root: try #require(parsed.value).root, diagnostics: translation.diagnostics + projection.diagnostics,
            losses: projection.losses, preface: projection.emission.preface)
    }

    private func clear(_ lines: String, for target: String) throws -> Written {
        try write("\(lines)\n[proxy.cc]\n[shim.cc]\n", "configuration.toml", of: ClearContainersV3.dialect, for: target)
    }

    private func kata(_ generation: Int, _ lines: String, for target: String) throws -> Written {
        try write(lines, "configuration.toml", of: KataGo.dialects[generation - 1], for: target)
    }

    private func runv(_ flags: String, for target: String) throws -> Written {
        try write("#!/bin/sh\nexec runv \(flags) \"$@\"\n", "/usr/local/bin/wrapper", of: RunV.dialect, for: target)
    }

    @Test func macvtapIsNoNetworkToRuntimeRS() throws {
        let written = try clear("[runtime]\ninternetworking_model = \"macvtap\"", for: "runtime-rs")
        #expect(written.value("runtime.internetworking_model") == .string("tcfilter"))
        #expect(written.reports("TGT-003", "connects no network"))
        #expect(try clear("", for: "runtime-rs").value("runtime.internetworking_model") == .string("tcfilter"), "it was the default too")
    }

    @Test func bridgedIsRefusedByEveryKataOfToday() throws {
        for target in Registry.targets.map(\.id.rawValue) {
            let written = try clear("[runtime]\ninternetworking_model = \"bridged\"", for: target)
            #expect(written.value("runtime.internetworking_model") ?? .string("tcfilter") == .string("tcfilter"), "\(target)")
            #expect(written.reports("CC3-016", "1.10") || written.reports("CC3-020", "1.10"), "\(target)")
        }
    }

    @Test func theSandboxOfSeccompHasAnotherNameInRuntimeRSWhichReadsPastTheOld() throws {
        let table = "[hypervisor.qemu]\nseccompsandbox = \"on,obsolete=deny\"\n[agent.kata]\n"
        let written = try kata(4, table, for: "runtime-rs")
        #expect(written.value("hypervisor.qemu.seccomp_sandbox") == .string("on,obsolete=deny"))
        #expect(written.value("hypervisor.qemu.seccompsandbox") == nil)
        let read = RuntimeRS.dialect.translation(of: SourceText(path: "c.toml", text: table), assets: .installed())
        #expect(read.diagnostics.contains { $0.code == "KRS-001" && $0.message.contains("seccompsandbox") })
    }

    @Test func secondsBecomeMilliseconds() throws {
        let text = "[hypervisor.qemu]\n[agent.kata]\ndial_timeout = 45\ncdh_api_timeout = 7\n[runtime]\ncreate_container_timeout = 50\n"
        let written = try kata(4, text, for: "runtime-rs")
        #expect(written.value("agent.kata.reconnect_timeout_ms") == .integer(45_000))
        #expect(written.value("agent.kata.cdh_api_timeout_ms") == .integer(7_000))
        #expect(written.value("agent.kata.create_container_timeout") == .integer(50), "seconds, in another table")
        #expect(written.value("agent.kata.dial_timeout") == nil, "the table refuses what it does not know")
        let back = try write(
            "[runtime]\nhypervisor_name = \"qemu\"\n[hypervisor.qemu]\n[agent.kata]\nreconnect_timeout_ms = 45001\n", "c.toml",
            of: RuntimeRS.dialect, for: "kata-4.1")
        #expect(back.value("agent.kata.dial_timeout") == .integer(46))
    }

    @Test func goSecondsInRuntimeRSKeepItFromStarting() {
        let text = SourceText(path: "c.toml", text: "[hypervisor.qemu]\n[agent.kata]\ndial_timeout = 45\n")
        let read = RuntimeRS.dialect.translation(of: text, assets: .installed())
        #expect(read.diagnostics.contains { $0.code == "KRS-002" && $0.severity == .error })
    }

    @Test func withoutANameRuntimeRSRunsDragonball() throws {
        let sources: [Written] = [
            try clear("", for: "runtime-rs"), try kata(1, "[hypervisor.qemu]\n[agent.kata]\n", for: "runtime-rs"),
            try runv("", for: "runtime-rs"),
        ]
        for written in sources {
            #expect(written.value("runtime.hypervisor_name") == .string("qemu") && written.reports("TGT-006", "dragonball"))
        }
        let unnamed = SourceText(path: "c.toml", text: "[hypervisor.qemu]\n")
        #expect(RuntimeRS.dialect.translation(of: unnamed, assets: .installed()).diagnostics.contains { $0.code == "KRS-006" })
    }

    @Test func aFileSaysWhereItsRuntimeLooksAndAnotherPlaceIsNeverRead() throws {
        for target in Registry.targets where target.id != Registry.ours.id {
            let written = try clear("", for: target.id.rawValue)
            for path in target.searchPaths { #expect(written.preface.contains { $0.contains(path.string) }, "\(target.id) \(path)") }
        }
        let rust = try #require(Registry.target(RuntimeRS.id)).searchPaths
        #expect(Set(rust).isDisjoint(with: try #require(Registry.target(KataGo.dialects[3].id)).searchPaths))
    }

    @Test func lessThan256MiBIs2048ToTheGoRuntimeAndSoRaised() throws {
        let written = try runv("--default_memory 200", for: "kata-4.1")
        #expect(written.value("hypervisor.qemu.default_memory") == .integer(256) && written.reports("TGT-003", "2048 MiB"))
        // 1.12.1 takes any number as it is.
        #expect(try runv("--default_memory 200", for: "kata-1.12").value("hypervisor.qemu.default_memory") == .integer(200))
        let frakti = "[Service]\nExecStart=/usr/bin/frakti --v=3\n"
        let small = try write(frakti, "/etc/systemd/system/frakti.service", of: Frakti.dialect, for: "kata-4.1")
        #expect(small.value("hypervisor.qemu.default_memory") == .integer(256))
    }

    @Test func runVsSmallMachineIsWrittenOutEverywhereForKatasDefaultIs16TimesThat() throws {
        for target in Registry.targets.map(\.id.rawValue) {
            let written = try runv("", for: target)
            let memory = try #require(written.value("hypervisor.qemu.default_memory"))
            #expect([.integer(160), .integer(256)].contains(memory), "\(target): \(memory)")
            #expect(written.value("hypervisor.qemu.default_vcpus") == .integer(1), "\(target)")
        }
    }

    @Test func tablesThatRuntimeRSDropsSilentlyAreTakenOverOrReported() throws {
        let text = """
            [hypervisor.qemu]
            initrd = "/i"
            [agent.kata]
            [proxy.kata]
            path = "/p"
            [shim.kata]
            path = "/s"
            [netmon]
            enable_netmon = true
            [factory]
            enable_template = true
            """
        let written = try kata(1, text, for: "runtime-rs")
        #expect(written.root["factory"] == nil && written.value("hypervisor.qemu.factory.enable_template") == .boolean(true))
        for name in ["proxy", "shim", "netmon"] {
            #expect(written.root[name] == nil && written.diagnostics.contains { $0.message.contains("\(name).") }, "\(name)")
        }
    }

    @Test func aKeyThatGoReadsPastIsReported() {
        let text = SourceText(path: "c.toml", text: "[hypervisor.qemu]\ndefault_memroy = 4096\n[agent.kata]\n")
        for dialect in KataGo.dialects {
            let found = dialect.translation(of: text, assets: .installed()).diagnostics
            #expect(found.contains { $0.range?.start.line == 2 && $0.message.contains("did you mean 'default_memory'") }, "\(dialect.id)")
        }
    }

    @Test func theGuestOfKata1DoesNotServeKata2AndLater() throws {
        let files = "[hypervisor.qemu]\nkernel = \"/mine/vmlinuz\"\nimage = \"/mine/image\"\n[agent.kata]\n"
        #expect(try kata(1, files, for: "kata-1.12").value("hypervisor.qemu.kernel") == .string("/mine/vmlinuz"))
        for target in ["kata-4.1", "runtime-rs"] {
            #expect(try kata(1, files, for: target).value("hypervisor.qemu.kernel") != .string("/mine/vmlinuz"), "\(target)")
            #expect(try kata(2, files, for: target).value("hypervisor.qemu.kernel") == .string("/mine/vmlinuz"), "\(target)")
        }
    }

    // runV's own.

    @Test func runVsGuestServesNobodyElse() throws {
        for target in Registry.targets.map(\.id.rawValue) {
            let written = try runv("--kernel /var/lib/hyper/kernel --initrd /var/lib/hyper/hyper-initrd.img", for: target)
            for name in ["kernel", "initrd", "image"] {
                let file = written.value("hypervisor.qemu.\(name)")
                #expect(file.map { !$0.tomlText.contains("/var/lib/hyper") } ?? true, "\(target) \(name)")
            }
        }
    }

    @Test(arguments: ["xen", "xenpv", "kvmtool", "vbox"]) func aDriverWithoutAnEquivalentIsRefusedByName(driver: String) throws {
        for target in Registry.targets.map(\.id.rawValue) {
            #expect(try runv("--driver \(driver)", for: target).diagnostics.contains { $0.code == "RUNV013" && $0.severity == .error })
        }
    }

    @Test func emulationWithoutKVMIsLostUpstream() throws {
        let here = try runv("--driver qemu", for: "kata-swift")
        #expect(here.value("hypervisor.qemu.accelerator") ?? .string("auto") == .string("auto"))
        for target in ["kata-1.12", "kata-4.1", "runtime-rs"] {
            let written = try runv("--driver kvm", for: target)
            #expect(written.value("hypervisor.qemu.accelerator") == nil)
            #expect(written.losses.contains { $0.key.name == "accelerator" }, "\(target)")
        }
    }

    @Test func aTemplateIsMadeAnewAndNeverReused() throws {
        let written = try runv("--template /run/t", for: "kata-4.1")
        #expect(written.value("factory.enable_template") == .boolean(true) && written.reports("RUNV018", "tmpfs to unmount"))
        #expect(written.value("factory.template_path") != .string("/run/t"))
    }

    @Test func aFlashOfCorebootHasNoAnalogue() throws {
        for target in Registry.targets.map(\.id.rawValue) {
            let written = try runv("--bios /b --cbfs /c", for: target)
            #expect(
                written.value("hypervisor.qemu.firmware") == nil && written.reports("RUNV016", "--cbfs")
                    || written.reports("RUNV016", "cbfs"))
        }
    }

    @Test func ninePIsRefusedByRuntimeRS() throws {
        let written = try runv("", for: "runtime-rs")
        #expect(written.value("hypervisor.qemu.shared_fs") == .string("virtio-fs") && written.reports("TGT-003", "virtiofsd"))
        #expect(try runv("", for: "kata-4.1").value("hypervisor.qemu.shared_fs") == .string("virtio-9p"))
    }

    @Test func variablesOfAContainerThatRunVTookOutStayThereAndAreReported() throws {
        let bundle = "{\"ociVersion\": \"1.0.0\", \"process\": {\"env\": [\"hypervisor.kernel=/k\"]}}"
        let written = try write(bundle, "/b/config.json", of: RunV.dialect, for: "kata-4.1")
        #expect(written.reports("RUNV020", "io.katacontainers.config.hypervisor.kernel"))
    }
}

extension ConfigValue {
    /// Nil for what is no single value.
    fileprivate init?(of value: TOMLValue) {
        if let text = value.string {
            self = .string(text)
        } else if let number = value.integer {
            self = .integer(number)
        } else if let flag = value.boolean {
            self = .boolean(flag)
        } else {
            return nil
        }
    }
}
