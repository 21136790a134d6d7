// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// Two configurations side by side.
@Suite struct ComparisonTests {
    private let host = LegacyMachine.Host(processors: 4, memoryMiB: 16384)

    private func legacy(_ lines: String) -> Conversion {
        let text = "[hypervisor.qemu]\n\(lines)\n[proxy.cc]\n[shim.cc]\n"
        return Conversion(of: SourceText(path: "old.toml", text: text), layout: TargetLayout(), dialect: ClearContainersV3.dialect)
    }

    private func side(_ lines: String, _ releases: ClosedRange<Release>? = nil) throws -> ConfigurationSide {
        ConfigurationSide(try #require(legacy(lines).translation), of: ClearContainersV3.dialect, releases: releases, on: host)
    }

    private func comparison(_ lines: String) throws -> ConfigurationComparison {
        let new = ConfigurationSide.converted(legacy(lines), on: host)
        #expect(new.diagnostics == [])
        return ConfigurationComparison(try side(lines), try #require(new.side))
    }

    @Test func aSettingStandsBesideThatWhichItBecame() throws {
        let rows = try comparison("default_memory = 512\nmachine_type = \"pc\"").rows
        let memory = try #require(rows.first { $0.old?.name == "hypervisor.qemu.default_memory" })
        #expect(memory.isSame && memory.new?.value == .integer(512))
        let image = try #require(rows.first { $0.old?.name == "hypervisor.qemu.image" || $0.new?.name == "hypervisor.qemu.initrd" })
        #expect(image.new?.name == "hypervisor.qemu.initrd")
        let machine = try #require(rows.first { $0.old?.name == "hypervisor.qemu.machine_type" })
        #expect(!machine.isSame && machine.old?.value == .string("pc") && machine.new?.value == .string("q35"))
    }

    @Test func defaultsAreThoseOfEachSide() throws {
        let rows = try comparison("").rows
        let memory = try #require(rows.first { $0.old?.name == "hypervisor.qemu.default_memory" })
        #expect(memory.old?.value == .integer(2048) && memory.old?.place == nil)
        #expect(rows.contains { $0.old == nil && $0.new?.name == "hypervisor.qemu.entropy_source" })
        #expect(rows.contains { $0.new == nil && $0.old?.name == "hypervisor.qemu.enable_swap" }, "false was its default")
    }

    @Test func nothingOfEitherSideIsLost() throws {
        let lines = "default_memory = 512\nenable_swap = true\ndefault_vcpus = 2"
        let comparison = try comparison(lines)
        #expect(comparison.rows.compactMap(\.old).count == comparison.old.settings.count)
        #expect(comparison.rows.compactMap(\.new).count == comparison.new.settings.count)
        let pairs = try #require(comparison.machine)
        let old = pairs.compactMap(\.old).joined(separator: " ").split(separator: " ").sorted()
        #expect(old == (comparison.old.machine ?? []).joined(separator: " ").split(separator: " ").sorted())
        let new = pairs.compactMap(\.new).joined(separator: " ").split(separator: " ").sorted()
        #expect(new == (comparison.new.machine ?? []).joined(separator: " ").split(separator: " ").sorted())
    }

    @Test func theOldCommandLineFollowsTheSettings() throws {
        let line = try #require(try side("default_vcpus = 3\ndefault_memory = 512\nenable_swap = true\nkernel_params = \"a=b\"").machine)
        #expect(line.contains("512M,slots=2,maxmem=17408M") && line.contains("mlock=off"))
        #expect(line.contains { $0.hasPrefix("3,cores=3,threads=1,sockets=1") })
        #expect(line.contains { $0.contains("root=/dev/pmem0p1") && $0.hasSuffix(" a=b") })
        #expect(try side("default_vcpus = -1").machine?.contains { $0.hasPrefix("4,cores=4") } == true)
    }

    @Test func theOldCommandLineIsThatOfTheRelease() throws {
        let old = try #require(try side("kernel_params = \"a=b\"", Release(3, 0, 9)...Release(3, 0, 9)).machine)
        let last = try #require(try side("kernel_params = \"a=b\"", Release(3, 0, 23)...Release(3, 0, 23)).machine)
        #expect(!old.contains { $0.contains("pci-bridge") || $0.contains("maxcpus") || $0.contains("virtio-scsi") })
        #expect(last.contains { $0.contains("pci-bridge") } && last.contains { $0.contains("maxcpus=240") })
        #expect(old.contains { $0.hasSuffix("ip=::::::<id>::off::") } && last.contains { $0.hasSuffix(" a=b") })
    }

    @Test func optionsOfOneKindStandBesideEachOther() {
        let pairs = AlignedOptions(
            ["/a", "-m", "1", "-device", "x,id=1", "-device", "y", "-S"],
            ["/b", "-device", "y", "-m", "2", "-device", "driver=x,id=2", "-k", "v"]
        ).pairs
        let shown = pairs.map { "\($0.old ?? "")|\($0.new ?? "")" }
        #expect(
            shown == ["/a|/b", "-m 1|-m 2", "-device x,id=1|-device driver=x,id=2", "-device y|-device y", "-S|", "|-k v"])
    }

    @Test(arguments: [40, 80, 120, 300])
    func noLineIsLongerThanTheTerminal(width: Int) throws {
        let text = try comparison("kernel_params = \"\(String(repeating: "x", count: 500))\"").text(width: width, isWhole: true)
        #expect(text.split(separator: "\n").dropFirst().filter { $0.contains(" | ") }.allSatisfy { $0.count <= width })
    }

    @Test func whatIsTheSameCanBeLeftOut() throws {
        let comparison = try comparison("default_memory = 512")
        let changed = comparison.text(width: 120, isWhole: false)
        #expect(!changed.split(separator: "\n").contains { $0.hasPrefix("= ") } && changed.contains("\n! "))
        #expect(comparison.text(width: 120, isWhole: true).contains("\n= "))
    }

    @Test func theJSONSaysTheSame() throws {
        let comparison = try comparison("default_memory = 512")
        let root = JSONDocument.parse(SourceText(path: "diff", text: comparison.json)).value?.root
        #expect(root?["settings"]?.array?.count == comparison.rows.count)
        #expect(root?["machine"]?.array?.count == comparison.machine?.count)
    }

    /// What real runs of the old system left in their process lists; the machine's own options were changed there by a wrapper.
    @Test(.needs(.corpus), arguments: ["3.0.0", "3.0.10"])
    func theOldDevicesAreThoseOfARealRun(version: String) throws {
        let directory = Corpus.root.appending("state/clear-containers-\(version)")
        let line = try FileSystem.list(directory).filter { $0.hasSuffix(".processes.txt") }.lazy.compactMap { name -> String? in
            let text = String(decoding: try FileSystem.read(directory.appending(name)), as: UTF8.self)
            return text.split(separator: "\n").first { $0.contains("-name pod-") }.map(String.init)
        }.first
        let real = try #require(line).split(separator: " ")
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        let release = Release(numbers[0], numbers[1], numbers[2])
        let ours = try #require(try side("", release...release).machine)
        for word in ours where word.hasPrefix("virtserialport") || word.hasPrefix("virtconsole") || word.hasPrefix("base=utc") {
            #expect(real.contains(Substring(word)), "\(word)")
        }
        let bridges = ours.filter { $0.hasPrefix("pci-bridge") }.count
        #expect(bridges == real.filter { $0.hasPrefix("pci-bridge") }.count)
        #expect(
            real.contains { $0.hasPrefix("local,id=extra-9p-hyperShared") }
                && ours.contains { $0.hasPrefix("local,id=extra-9p-hyperShared") })
    }
}
