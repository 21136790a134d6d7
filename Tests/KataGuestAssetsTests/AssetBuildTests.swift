// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@testable import KataGuestAssets

@Suite struct AssetBuildTests {
    /// A build from the example's modules and an agent of a few bytes.
    private func build(_ root: FilePath, agent: [UInt8] = SampleELF.staticProgram) throws -> AssetBuild {
        let tree = root.appending("kernel")
        if !FileSystem.exists(tree) { try makeKernelTree(tree, release: "6.1.0-example", image: sampleBzImage(payload: [1, 2, 3])) }
        try AtomicFile.write(agent, to: root.appending("kata-agent"))
        return AssetBuild(
            kernel: .given(
                image: tree.appending("boot/vmlinuz-6.1.0-example"), modules: tree.appending("lib/modules/6.1.0-example")),
            agent: root.appending("kata-agent"), output: root.appending("output"))
    }

    @Test func theInitrdHasTheAgentAsInitAndTheModulesWithTheirLoadList() async throws {
        try await withTemporaryDirectory { root in
            let assets = try build(root).run { _ in }
            let entries = try NewcReader.entries(FileSystem.read(assets.initrd.path))
            let byName = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })
            #expect(byName["init"]?.mode == 0o100755)
            #expect(byName["init"]?.content == SampleELF.staticProgram)
            #expect(byName["dev/console"].map { [$0.mode, $0.deviceMajor, $0.deviceMinor] } == [0o020600, 5, 1])
            for directory in ["proc", "sys", "dev", "run"] { #expect(byName[directory]?.mode == 0o040755) }

            let list = try #require(byName["lib/modules/6.1.0-example/load"])
            let paths = String(decoding: list.content, as: UTF8.self).split(separator: "\n").map(String.init)
            #expect(paths.map { String($0.dropFirst("/lib/modules/6.1.0-example/".count)) } == assets.modules)
            #expect(assets.modules.contains("9pnet_virtio.ko"))
            for path in paths {
                let module = try #require(byName[String(path.dropFirst())])
                #expect(String(decoding: module.content, as: UTF8.self) == "content of \(path.split(separator: "/").last ?? "")\n")
            }
            let inDirectory = entries.map(\.name).filter { $0.hasSuffix(".ko") }
            #expect(inDirectory.count == paths.count)
        }
    }

    @Test func buildingTwiceGivesTheSameBytes() async throws {
        try await withTemporaryDirectory { root in
            var other = try build(root)
            other.output = root.appending("other")
            let first = try build(root).run { _ in }
            let second = try other.run { _ in }
            #expect(try FileSystem.read(first.initrd.path) == FileSystem.read(second.initrd.path))
            #expect(first.initrd.digest == second.initrd.digest)
        }
    }

    @Test func anotherAgentGivesAnotherDigest() async throws {
        try await withTemporaryDirectory { root in
            let first = try build(root).run { _ in }
            let second = try build(root, agent: SampleELF.bytes(segments: [(1, [7])])).run { _ in }
            #expect(first.agent.digest != second.agent.digest)
            #expect(first.initrd.digest != second.initrd.digest)
        }
    }

    @Test func theManifestReadsBackAsWhatWasBuilt() async throws {
        try await withTemporaryDirectory { root in
            let assets = try build(root).run { _ in }
            #expect(try GuestAssets.read(from: root.appending("output")) == assets)
            #expect(assets.kernel.release == "6.1.0-example")
            #expect(assets.kernel.format == .bzImage)
            #expect(assets.absent.contains { $0.module == "overlay" })
        }
    }

    @Test func aKernelWithEverythingBuiltInNeedsNoModules() async throws {
        try await withTemporaryDirectory { root in
            let image = root.appending("vmlinux-6.1.1-own")
            try AtomicFile.write(SampleELF.pvhKernel, to: image)
            var build = try build(root)
            build.kernel = .given(image: image, modules: nil)
            let assets = try build.run { _ in }
            #expect(assets.modules.isEmpty)
            #expect(assets.kernel.release == "6.1.1-own")
            #expect(assets.kernel.image.path == image)
            let entries = try NewcReader.entries(FileSystem.read(assets.initrd.path))
            #expect(entries.first { $0.name == "lib/modules/6.1.1-own/load" }?.content == [])
        }
    }

    @Test func theDropInNamesKernelAndInitrdAndNoImage() async throws {
        try await withTemporaryDirectory { root in
            var build = try build(root)
            build.output = root.appending("a \"quoted\\ output")
            build.configurationDirectory = root.appending("etc")
            let assets = try build.run { _ in }
            let path = root.appending("etc/config.d/50-assets.toml")
            let parsed = TOMLDocument.parse(SourceText(path: path, bytes: try FileSystem.read(path)))
            let table = try #require(parsed.value).root
            #expect(table.value(at: ["hypervisor", "qemu", "kernel"])?.string == assets.kernel.image.path.string)
            #expect(table.value(at: ["hypervisor", "qemu", "initrd"])?.string == assets.initrd.path.string)
            #expect(table.value(at: ["hypervisor", "qemu", "image"])?.string == "")
        }
    }

    @Test(arguments: [
        (Array("#!/bin/sh\n".utf8), "not an ELF program for x86-64"), ([], "not an ELF program for x86-64"),
        (SampleELF.dynamicProgram, "needs a dynamic loader"),
    ])
    func anAgentThatCannotBePID1IsRefused(agent: [UInt8], reason: String) async throws {
        try await withTemporaryDirectory { root in
            let build = try build(root, agent: agent)
            let error = #expect(throws: AssetError.self) { try build.run { _ in } }
            #expect(error?.description.contains(reason) == true)
            #expect(!FileSystem.exists(root.appending("output")))
        }
    }

    @Test func aChangedOrMissingFileIsShown() async throws {
        try await withTemporaryDirectory { root in
            let assets = try build(root).run { _ in }
            let output = root.appending("output")
            #expect(try AssetReport(output).deviations.isEmpty)
            try AtomicFile.write([1], to: assets.initrd.path)
            try FileSystem.remove(assets.kernel.image.path)
            let report = try AssetReport(output)
            #expect(report.deviations.map(\.path) == [assets.kernel.image.path, assets.initrd.path])
            #expect(report.text.contains("differs  \(assets.initrd.path): changed since the assets were built\n"))
        }
    }

    @Test(arguments: [("{", "read guest assets"), ("{\"version\": 2}", "version 2 is not 1"), ("{}", "read guest assets")])
    func aManifestThatIsNotOursIsRefused(text: String, reason: String) async throws {
        try await withTemporaryDirectory { root in
            try AtomicFile.write(Array(text.utf8), to: root.appending("assets.json"))
            let error = #expect(throws: AssetError.self) { try GuestAssets.read(from: root) }
            #expect(error?.description.contains(reason) == true)
        }
    }

    @Test(arguments: [
        (["KATA_CACHE": "/c", "HOME": "/h"], "/c"), (["XDG_CACHE_HOME": "/x", "HOME": "/h"], "/x/kata-swift"),
        (["HOME": "/h"], "/h/.cache/kata-swift"), (["KATA_CACHE": "", "HOME": "/h"], "/h/.cache/kata-swift"),
    ])
    func theCacheIsWhereTheEnvironmentSays(environment: [String: String], path: String) {
        #expect(GuestAssets.cacheDirectory(environment: environment).string == path)
    }
}

@Suite struct SHA256Tests {
    // FIPS 180-4 examples, and lengths around the block's end as coreutils' sha256sum has them.
    @Test(arguments: [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
        (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        (1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
    ])
    func soManyLettersAHaveThisDigest(count: Int, digest: String) {
        #expect(SHA256.name(of: [UInt8](repeating: UInt8(ascii: "a"), count: count)) == "sha256:\(digest)")
    }
}
