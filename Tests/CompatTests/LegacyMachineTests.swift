// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// The command lines of QEMU that the old systems made.
@Suite struct LegacyMachineTests {
    private static let host = LegacyMachine.Host(processors: 4, memoryMiB: 8192)

    static func machine(_ dialect: Dialect, _ sources: [SourceText], _ release: Release? = nil) -> [String]? {
        let releases = release.map { $0...$0 }
        let translation = dialect.translation(of: sources, assets: .installed(), release: releases)
        let settings = EffectiveSettings(of: translation, in: dialect, releases: releases)
        return LegacyMachine(of: settings, in: dialect, sources: sources, releases: releases, on: host)?.arguments
    }

    private func machine(_ dialect: Dialect, _ sources: [SourceText], _ release: Release? = nil) -> [String]? {
        Self.machine(dialect, sources, release)
    }

    /// The words of QEMU's line in a list of processes, with what is each VM's own in angle brackets.
    ///
    /// - Parameter before: what stands before the VM's name where it first occurs.
    static func realRun(_ directory: String, _ file: String, nameBehind before: String) throws -> [String] {
        let path = Corpus.root.appending("state").appending(directory).appending(file)
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.contains("/qemu-system") && $0.contains(before) })
        let name = line[try #require(line.firstRange(of: before)).upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "-" }
        return line[try #require(line.firstRange(of: "/usr/bin/qemu")).lowerBound...]
            .replacing(name, with: "<id>").split(separator: " ").map(String.init)
    }

    private let vm = SourceText(
        path: "/etc/cc-oci-runtime/vm.json",
        text: """
            {"vm": {"path": "/usr/bin/q", "image": "/i.img", "kernel": {"path": "/vmlinux", "parameters": "quiet a=b"}}}
            """)

    private let arguments = SourceText(
        path: "/etc/cc-oci-runtime/hypervisor.args",
        text: "/opt/qemu\n-kernel\n@KERNEL@\n# a comment\n-append\n@KERNEL_PARAMS@ @KERNEL_NET_PARAMS@\n-m\n1G\n-x\n@WORKLOAD_DIR@@OTHER@\n"
    )

    @Test func hypervisorArgsIsTheCommandLineWithItsTagsReplaced() throws {
        let line = try #require(machine(ClearContainersV2.dialect, [vm, arguments], Release(2, 1, 0)))
        #expect(
            line == [
                "/opt/qemu", "-kernel", "/vmlinux", "-append", "quiet a=b ip=::::::<hostname>::off::", "-m", "1G", "-x", "<rootfs>@OTHER@",
            ])
    }

    @Test func aReleaseLeavesTheTagsThatItDidNotKnow() throws {
        let line = try #require(machine(ClearContainersV2.dialect, [vm, arguments], Release(2, 2, 0)))
        #expect(line.contains("@WORKLOAD_DIR@@OTHER@"))
        #expect(line.contains("virtio-9p-pci,fsdev=workload9p,mount_tag=rootfs"), "2.2 put it there itself")
    }

    @Test func withoutHypervisorArgsThePackagedOneCounts() throws {
        let line = try #require(machine(ClearContainersV2.dialect, [vm]))
        #expect(line.first == "/usr/bin/qemu-lite-system-x86_64" && line.contains("/vmlinux") && line.contains("2G,slots=2,maxmem=3G"))
        #expect(line.contains("memory-backend-file,id=mem0,mem-path=/i.img,size=<image>"))
    }

    @Test func everyDialectHasALine() {
        let known = Set(LegacyMachine.dialects)
        #expect(Registry.dialects.map(\.id).filter { !known.contains($0) } == [])
    }

    @Test func whatTheSystemRefusedDidNotHold() {
        let source = SourceText(
            path: "c.toml", text: "[hypervisor.qemu]\ndefault_memory = \"x\"\ndefault_vcpus = 2\n[proxy.cc]\n[shim.cc]\n")
        let translation = ClearContainersV3.dialect.translation(of: source, assets: .installed())
        let settings = EffectiveSettings(of: translation, in: ClearContainersV3.dialect)
        #expect(settings.value(LegacyKey(["hypervisor", "qemu"], "default_memory")) == .integer(2048))
        #expect(settings.value(LegacyKey(["hypervisor", "qemu"], "default_vcpus")) == .integer(2))
        #expect(settings.settings.first { $0.rule.source.name == "default_vcpus" }?.place?.line == 3)
    }
}

extension [String] {
    /// What stands behind each option of that name.
    func options(_ name: String) -> [String] {
        zip(self, dropFirst()).filter { $0.0 == name }.map(\.1)
    }

    /// The first of them; nil when there is none.
    func option(_ name: String) -> String? { options(name).first }

    /// Each option with what stands behind it, but for the program and some of them.
    func pairs(without names: Set<String>) -> [String] {
        var pairs: [[String]] = []
        for word in dropFirst() {
            if word.hasPrefix("-") || pairs.isEmpty { pairs.append([word]) } else { pairs[pairs.count - 1].append(word) }
        }
        return pairs.filter { !names.contains($0[0]) }.map { $0.joined(separator: " ") }
    }
}
