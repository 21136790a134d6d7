// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataGuestAssets

@Suite struct GuestKernelTests {
    private func makeOwn(_ cache: FilePath) throws {
        let directory = cache.appending("guest-kernel")
        try FileSystem.makeDirectory(directory)
        try AtomicFile.write(SampleELF.pvhKernel, to: directory.appending("vmlinux"))
        try AtomicFile.write(Array("6.1.1-own\n".utf8), to: directory.appending("release"))
    }

    @Test func ourOwnKernelComesBeforeAnUnpackedOneAndThatBeforeAnInstalledOne() async throws {
        try await withTemporaryDirectory { root in
            let cache = root.appending("cache")
            let system = root.appending("system")
            try makeKernelTree(system, release: "5.10.0-1", image: [1])
            #expect(try GuestKernel.best(cache: cache, system: system).release == "5.10.0-1")
            try makeKernelTree(cache.appending("debian-kernel"), release: "4.19.0-1", image: [1])
            #expect(try GuestKernel.best(cache: cache, system: system).release == "4.19.0-1")
            try makeOwn(cache)
            let own = try GuestKernel.best(cache: cache, system: system)
            #expect(own.release == "6.1.1-own")
            #expect(own.origin == .own)
            #expect(own.modules == nil)
        }
    }

    @Test func withoutAKernelAllPlacesAreNamed() async throws {
        try await withTemporaryDirectory { root in
            let error = #expect(throws: AssetError.self) { try GuestKernel.best(cache: root, system: root.appending("system")) }
            for place in ["guest-kernel", "debian-kernel", "system/boot"] {
                #expect(error?.description.contains("'\(root.appending(place))'") == true)
            }
        }
    }

    @Test func aKernelWhoseModulesAreNotIndexedIsPassedOver() async throws {
        try await withTemporaryDirectory { root in
            try makeKernelTree(root, release: "6.1.0-1", image: [1])
            try makeKernelTree(root, release: "6.1.0-2", image: [1])
            try FileSystem.remove(root.appending("lib/modules/6.1.0-2/modules.dep"))
            #expect(GuestKernel.distribution(below: root)?.release == "6.1.0-1")
        }
    }

    @Test(arguments: [
        ("6.1.0-9-amd64", "6.1.0-56-amd64"), ("5.10.0-56", "6.1.0-1"), ("6.1.9", "6.1.10"), ("6.1.0-1", "6.1.0-1-rt"),
        ("6.1.0-1-amd64", "6.1.0-1-cloud"),
    ])
    func theNewestReleaseIsChosenByItsNumbers(older: String, newer: String) {
        #expect(GuestKernel.isOlder(older, newer))
        #expect(!GuestKernel.isOlder(newer, older))
        #expect(!GuestKernel.isOlder(older, older))
    }

    @Test(.needs(.program("gzip"), .program("xz")), arguments: ["gzip", "xz"])
    func theKernelInsideACompressedImageIsTakenOut(program: String) async throws {
        let path = try #require(findProgram(program))
        let payload = try await runProgram(path, ["-c"], input: SampleELF.pvhKernel).output
        try await withTemporaryDirectory { directory in
            let image = directory.appending("vmlinuz")
            try AtomicFile.write(sampleBzImage(payload: payload), to: image)
            #expect(try KernelImage(image).format == .bzImage)
            #expect(try KernelImage(image).extracted() == SampleELF.pvhKernel)
        }
    }

    @Test(.needs(.program("gzip")))
    func aKernelWithoutAPVHEntryStaysAsItIs() async throws {
        let path = try #require(findProgram("gzip"))
        let payload = try await runProgram(path, ["-c"], input: SampleELF.staticProgram).output
        try await withTemporaryDirectory { directory in
            let image = directory.appending("vmlinuz")
            try AtomicFile.write(sampleBzImage(payload: payload), to: image)
            #expect(try KernelImage(image).extracted() == nil)
        }
    }

    @Test(arguments: [
        (SampleELF.pvhKernel, KernelImage.Format.vmlinux), (Array("HdrS".utf8), .unknown), ([], .unknown),
        (sampleBzImage(payload: Array("neither".utf8)), .bzImage),
    ])
    func anImageIsToldByItsContent(bytes: [UInt8], format: KernelImage.Format) async throws {
        try await withTemporaryDirectory { directory in
            let image = directory.appending("image")
            try AtomicFile.write(bytes, to: image)
            #expect(try KernelImage(image).format == format)
            #expect(try KernelImage(image).extracted() == nil)
        }
    }
}

@Suite struct ELF64Tests {
    @Test func aProgramThatNeedsALoaderIsToldFromOneThatDoesNot() {
        #expect(ELF64(SampleELF.staticProgram)?.hasInterpreter == false)
        #expect(ELF64(SampleELF.dynamicProgram)?.hasInterpreter == true)
    }

    @Test func aPVHEntryIsFoundBehindOtherNotes() {
        #expect(ELF64(SampleELF.pvhKernel)?.hasPVHEntry == true)
        #expect(ELF64(SampleELF.staticProgram)?.hasPVHEntry == false)
    }

    @Test func aCutOrForeignFileIsNoProgram() {
        for length in 0..<64 { #expect(ELF64(Array(SampleELF.staticProgram.prefix(length))) == nil) }
        #expect(ELF64(Array(SampleELF.staticProgram.prefix(100))) == nil)
        #expect(ELF64(SampleELF.bytes(machine: 183, segments: [])) == nil)
    }

    @Test func anyByteOfTheHeadMayBeWrongWithoutATrap() {
        for position in 0..<64 {
            for value: UInt8 in [0, 1, 0x7f, 0xff] {
                var bytes = SampleELF.pvhKernel
                bytes[position] = value
                _ = ELF64(bytes)?.hasPVHEntry
            }
        }
        var notes = SampleELF.pvhKernel
        for position in notes.count - 44..<notes.count {
            notes[position] = 0xff
            _ = ELF64(notes)?.hasPVHEntry
        }
    }
}
