// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataGuestAssets

/// The module tree in fixtures/guest.
let exampleModules = Repository.fixtures.appending("guest").appending("modules-6.1.0-example")

@Suite struct ModuleIndexTests {
    private func example() throws -> ModuleIndex {
        let kernel = GuestKernel(origin: .given, image: "/none", release: "6.1.0-example", modules: exampleModules)
        return try #require(try kernel.moduleIndex())
    }

    private func names(_ entries: [ModuleIndex.Entry]) -> [String] {
        entries.compactMap { ModuleIndex.name(ofFile: $0.path.string) }
    }

    @Test func everyModuleStandsAfterAllThatItNeeds() throws {
        let index = try example()
        let order = names(try index.closure(of: ["9p", "9pnet_virtio", "virtio_pci", "virtio_console", "virtio_rng"]))
        #expect(Set(order).count == order.count)
        for (position, name) in order.enumerated() {
            let dependencies = try #require(index.entry(name)).dependencies
            #expect(Set(dependencies).isSubset(of: order[..<position]), "\(name) before one of \(dependencies)")
        }
        #expect(Set(order).isSuperset(of: ["netfs", "fscache", "9pnet", "virtio", "virtio_ring"]))
    }

    @Test func theOrderIsFixedByTheWantedNamesAndTheIndex() throws {
        #expect(
            names(try example().closure(of: ["virtio_pci", "9p"])) == [
                "virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "netfs", "fscache", "9pnet",
                "9p",
            ])
    }

    @Test func whatIsBuiltInIsThereAndNotLoaded() throws {
        let index = try example()
        #expect(index.has("virtio_blk"))
        #expect(index.entry("virtio_blk") == nil)
        #expect(try index.closure(of: ["virtio_blk"]).isEmpty)
    }

    @Test(arguments: ["virtio-rng", "virtio_rng"])
    func aDashAndAnUnderscoreAreTheSameLetter(name: String) throws {
        #expect(try names(example().closure(of: [name])).last == "virtio_rng")
    }

    @Test(arguments: [
        ("kernel/fs/a.ko", "a"), ("a-b.ko.xz", "a_b"), ("/abs/a.ko.zst", "a"), ("a.ko.gz", "a"), ("a.o", nil), (".ko", nil), ("", nil),
        ("a.ko.bz2", nil),
    ])
    func aModuleIsNamedByItsFile(file: String, name: String?) {
        #expect(ModuleIndex.name(ofFile: file) == name)
    }

    @Test func aModuleThatTheKernelDoesNotHaveIsNamedWithTheOneThatNeedsIt() throws {
        let index = try ModuleIndex(release: "1", dependencies: "kernel/a.ko: kernel/b.ko\n", builtin: "")
        let error = #expect(throws: ModuleError.self) { try index.closure(of: ["a"]) }
        #expect(
            error?.description
                == "find module 'b', needed by 'a', of kernel 1: neither modules.dep nor modules.builtin has it")
    }

    @Test func modulesThatNeedEachOtherAreRefused() throws {
        let index = try ModuleIndex(release: "1", dependencies: "a.ko: b.ko\nb.ko: a.ko\n", builtin: "")
        let error = #expect(throws: ModuleError.self) { try index.closure(of: ["a"]) }
        #expect(error?.description.hasSuffix("in a circle: a → b → a") == true)
    }

    @Test(arguments: [("kernel/a.ko kernel/b.ko", 1), ("a.ko:\nb.ko: c\n", 2), ("a.ko:\n\nREADME: a.ko\n", 3)])
    func aMalformedLineIsNamedByItsNumber(text: String, line: Int) {
        let error = #expect(throws: ModuleError.self) { try ModuleIndex(release: "1", dependencies: text, builtin: "") }
        #expect(error?.description.contains("line \(line) ") == true)
    }

    @Test func aKernelWithoutARequiredModuleIsRefused() throws {
        let index = try ModuleIndex(release: "1", dependencies: "kernel/virtio_pci.ko:\n", builtin: "")
        let error = #expect(throws: ModuleError.self) { try ModuleSelection(GuestModule.standard, from: index) }
        #expect(error?.description.hasPrefix("find module 'virtio_console' of kernel 1") == true)
    }

    @Test func aKernelWithoutAnotherModuleLacksOnlyItsUse() throws {
        let selection = try ModuleSelection(GuestModule.standard, from: example())
        #expect(selection.absent.map(\.name).contains("overlay"))
        #expect(!selection.absent.map(\.name).contains("virtio_blk"))
        #expect(names(selection.entries).contains("9p"))
    }

    @Test func aCompressedModuleIsLoadedUncompressedUnderItsPlainName() throws {
        let file = ModuleFile(path: exampleModules.appending("kernel").appending("net").appending("9p").appending("9pnet_virtio.ko.gz"))
        #expect(file.plainName == "9pnet_virtio.ko")
        #expect(try file.content() == Array("content of 9pnet_virtio.ko\n".utf8))
    }

    @Test func aDamagedCompressedModuleIsReported() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending("a.ko.gz")
            try AtomicFile.write(Array("no gzip".utf8), to: path)
            let error = #expect(throws: ModuleError.self) { try ModuleFile(path: path).content() }
            #expect(error?.description == "decompress module '\(path)': gzip ended with status 1")
        }
    }
}
