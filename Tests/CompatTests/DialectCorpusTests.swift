// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// Files that runV, hyperd and frakti shipped or documented.
@Suite("runV's, hyperd's and frakti's own files", .needs(.corpus))
struct DialectCorpusTests {
    private static let root = Corpus.root.appending("runv")

    private static func read(_ path: String, as name: String) throws -> SourceText {
        SourceText(path: FilePath(name), bytes: try FileSystem.read(root.pushing(FilePath(path))))
    }

    @Test(
        "registrations of runV are recognised and translate to its defaults",
        arguments: [
            ("registration/docker-daemon.json", "/etc/docker/daemon.json"),
            ("registration/containerd-config-fragment.toml", "/etc/containerd/config.toml"),
        ])
    func registrations(_ path: String, _ name: String) throws {
        let source = try Self.read(path, as: name)
        let found = try #require(Registry.recognise(source).first)
        #expect(found.dialect == RunV.id && found.confidence == .certain)
        let translation = RunV.dialect.translation(of: source, assets: ClearContainersV3GoldenTests.assets)
        #expect(!translation.hasErrors)
        #expect(translation.document.value(of: TargetKey(.hypervisor, "default_vcpus")) == .integer(1))
    }

    @Test(
        "configurations of hyperd are recognised for their release, every key known",
        arguments: [
            ("hyperd/v0.6.2/etc-hyper-config", Release(0, 6, 2)), ("hyperd/v0.7.0/etc-hyper-config", Release(0, 7, 0)),
            ("hyperd/v1.0.0/etc-hyper-config", Release(1, 0, 0)), ("hyperd/v1.1.0/etc-hyper-config", Release(1, 1, 0)),
            ("registration/frakti-README-etc-hyper-config", Release(1, 1, 0)),
        ])
    func hyperd(_ path: String, _ release: Release) throws {
        let source = try Self.read(path, as: "/etc/hyper/config")
        let found = try #require(Registry.recognise(source).first)
        #expect(found.dialect == Hyperd.id && found.confidence == .certain && found.releases.contains(release))
        let translation = Hyperd.dialect.translation(of: source, assets: ClearContainersV3GoldenTests.assets, release: release...release)
        #expect(!translation.hasErrors)
        #expect(!translation.provenance.contains { $0.fate == .unknown || $0.fate == .refused })
    }

    @Test("units of frakti are recognised, every flag known", arguments: ["frakti/frakti.service", "frakti/v0.1-frakti.service"])
    func frakti(_ path: String) throws {
        let source = try Self.read(path, as: "/lib/systemd/system/frakti.service")
        #expect(Registry.recognise(source).first?.dialect == Frakti.id)
        let translation = Frakti.dialect.translation(of: source, assets: ClearContainersV3GoldenTests.assets)
        #expect(!translation.hasErrors)
        #expect(!translation.provenance.contains { $0.fate == .unknown || $0.fate == .refused })
    }

    @Test(
        "units, pods and records that are no configuration are claimed by none of the three",
        arguments: [
            "hyperd/v1.1.0/hyperd.service", "hyperd/v1.1.0/hyper-vmlogd.service", "frakti/flexvolume-configmap.yaml",
            "pods/examples_ubuntu.pod", "pods/examples_ubuntu.yml", "userpod-json/basic.json", "goconfig-testdata/conf.ini",
            "written-from-structs/runv-0.8.1/run/runv/mycontainer/state.json",
        ])
    func foreign(_ path: String) throws {
        let claims = Registry.recognise(try Self.read(path, as: "/" + path)).map(\.dialect)
        #expect(claims.allSatisfy { ![RunV.id, Hyperd.id, Frakti.id].contains($0) })
    }
}
