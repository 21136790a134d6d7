// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataText
import SystemPackage
import Testing

/// A document and what it must be taken for.
struct Specimen: Sendable, CustomTestStringConvertible {
    let title: String
    let path: FilePath
    let text: String
    let confidence: Recognition.Confidence?
    let releases: ClosedRange<Release>

    var testDescription: String { title }
    var source: SourceText { SourceText(path: path, text: text) }

    private static let place: FilePath = "/etc/clear-containers/configuration.toml"
    private static let all3 = ClearContainersV3.releases

    static let all: [Specimen] = [
        Specimen(title: "own tables", path: "/a.toml", text: "[proxy.cc]\n[shim.cc]\n", confidence: .certain, releases: all3),
        Specimen(title: "hyperstart", path: "/a.toml", text: "[agent.hyperstart]\n", confidence: .certain, releases: all3),
        Specimen(
            title: "keys of early releases", path: "/a.toml", text: "[proxy.cc]\nurl = \"unix:///x\"\n[shim.cc]\nenable_debug = true\n",
            confidence: .certain, releases: Release(3, 0, 4)...Release(3, 0, 9)),
        Specimen(
            title: "keys of late releases", path: "/a.toml",
            text: "[hypervisor.qemu]\nblock_device_driver = \"virtio-blk\"\n[proxy.cc]\npath = \"/x\"\n", confidence: .certain,
            releases: Release(3, 0, 21)...Release(3, 0, 23)),
        Specimen(
            title: "keys that no release had together", path: "/a.toml",
            text: "[hypervisor.qemu]\nblock_device_driver = \"virtio-blk\"\n[proxy.cc]\nurl = \"x\"\n", confidence: .certain, releases: all3
        ),
        Specimen(
            title: "tables of both", path: "/a.toml", text: "[proxy.cc]\n[agent.kata]\n", confidence: .possible, releases: all3),
        Specimen(title: "an empty file in its place", path: place, text: "", confidence: .likely, releases: all3),
        Specimen(title: "broken text in its place", path: place, text: "[[[", confidence: .likely, releases: all3),
        Specimen(
            title: "files of Clear Containers", path: "/a.toml",
            text: "[hypervisor.qemu]\npath = \"/usr/bin/qemu-lite-system-x86_64\"\n", confidence: .likely, releases: all3),
        Specimen(title: "Kata's file", path: "/a.toml", text: "[hypervisor.qemu]\n[agent.kata]\n", confidence: nil, releases: all3),
        Specimen(title: "Kata's file in its place", path: place, text: "[factory]\n[agent.kata]\n", confidence: nil, releases: all3),
        Specimen(
            title: "a file that may be either's", path: "/etc/kata-containers/configuration.toml",
            text: "[hypervisor.qemu]\npath = \"/usr/bin/qemu-system-x86_64\"\n[runtime]\n", confidence: nil, releases: all3),
        Specimen(title: "another TOML file", path: "/Cargo.toml", text: "[package]\nname = \"x\"\n", confidence: nil, releases: all3),
    ]
}

@Suite("recognition")
struct RecognitionTests {
    @Test("a document is claimed as surely as its contents and place allow", arguments: Specimen.all)
    func recognised(_ specimen: Specimen) {
        let found = Registry.recognise(specimen.source)
        #expect(found.first?.confidence == specimen.confidence)
        #expect(found.allSatisfy { !$0.reasons.isEmpty })
        if let found = found.first { #expect(found.releases == specimen.releases) }
    }

    @Test("what a dialect makes of a document, no dialect claims again")
    func translationsAreNotLegacy() throws {
        for directory in ClearContainersV3GoldenTests.cases {
            let translation = try ClearContainersV3GoldenTests.translation(of: directory)
            let text = SourceText(path: "/etc/kata-containers/configuration.toml", bytes: translation.document.emission.rendered)
            #expect(Registry.recognise(text).isEmpty, "\(directory.testDescription)")
        }
    }

    @Test("each dialect is found by its name, and its pages and codes are distinct")
    func registry() {
        for dialect in Registry.dialects { #expect(Registry.dialect(dialect.id)?.title == dialect.title) }
        #expect(Registry.dialect(Dialect.ID(rawValue: "nobody")) == nil)
        let codes = (Registry.pages + Docker.pages + Virtcontainers.pages).map(\.code)
        #expect(Set(codes).count == codes.count)
    }

    @Test("a runtime is given the translation of a legacy file, and nothing for today's")
    func inMemory() throws {
        let translate = Registry.translation(assets: ClearContainersV3GoldenTests.assets)
        func translated(_ text: String) -> Parsed<TOMLDocument>? {
            translate(SourceText(path: "/a.toml", text: text))
        }
        #expect(translated("[hypervisor.qemu]\n[agent.kata]\n") == nil)
        let legacy = try #require(translated("[hypervisor.qemu]\ndefault_memory = 512\n[proxy.cc]\n[shim.cc]\n"))
        let document = try #require(legacy.value)
        #expect(document.root.value(at: ["hypervisor", "qemu", "default_memory"])?.integer == 512)
        #expect(document.source.path != "/a.toml")
        #expect(ResolvedConfiguration.resolve([document]).value != nil)
        #expect(translated("[proxy.cc]\n[hypervisor.qemu]\ndefault_memory = -1\n")?.value == nil)
        let loose = try #require(translated("[hypervisor.qemu]\ndefault_memory = 0512\n[proxy.cc]\n[shim.cc]\n")?.value)
        #expect(loose.root.value(at: ["hypervisor", "qemu", "default_memory"])?.integer == 512)
    }

    @Test("a runtime is given the translation of all files that the legacy program read together, of whatever format they are")
    func companions() throws {
        let translate = Registry.translation(assets: ClearContainersV3GoldenTests.assets) { dialect, source in
            #expect(dialect.id == ClearContainersV2.id && source.path == "/etc/cc-oci-runtime/vm.json")
            return [SourceText(path: "/etc/cc-oci-runtime/hypervisor.args", text: "/q\n-m\n3G\n-smp\n5\n")]
        }
        let vm = #"{"vm": {"path": "/q", "image": "/i", "kernel": {"path": "/k", "parameters": "a=1"}}}"#
        let made = try #require(translate(SourceText(path: "/etc/cc-oci-runtime/vm.json", text: vm))?.value)
        #expect(made.root.value(at: ["hypervisor", "qemu", "default_memory"])?.integer == 3072)
        #expect(made.root.value(at: ["hypervisor", "qemu", "default_vcpus"])?.integer == 5)
        #expect(ResolvedConfiguration.resolve([made]).value != nil)
    }
}
