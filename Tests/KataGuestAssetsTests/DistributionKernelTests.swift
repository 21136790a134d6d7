// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataGuestAssets

/// The distribution's kernel as `.ci/debian-kernel` unpacks it; nil where it was not.
private let unpackedKernel = GuestKernel.distribution(
    below: GuestAssets.cacheDirectory(environment: ProcessInfo.processInfo.environment).appending("debian-kernel"))

@Suite(.enabled(if: unpackedKernel != nil, "needs the distribution's kernel, unpacked (.ci/debian-kernel)"))
struct DistributionKernelTests {
    private func kernel() throws -> GuestKernel { try #require(unpackedKernel) }

    @Test func itHasEverythingThatAGuestUses() throws {
        let index = try #require(try kernel().moduleIndex())
        #expect(try ModuleSelection(GuestModule.standard, from: index).absent == [])
    }

    @Test func itsModulesAreLoadedAfterWhatTheyNeed() throws {
        let index = try #require(try kernel().moduleIndex())
        var loaded: Set<String> = []
        for entry in try ModuleSelection(GuestModule.standard, from: index).entries {
            #expect(loaded.isSuperset(of: entry.dependencies.filter { !index.isBuiltin($0) }), "\(entry.path)")
            loaded.insert(try #require(ModuleIndex.name(ofFile: entry.path.string)))
        }
        #expect(loaded.isSuperset(of: ["virtio", "netfs", "fscache", "jbd2", "mbcache", "fuse", "vsock"]))
    }

    @Test func itsModulesAreELFFiles() throws {
        let kernel = try kernel()
        let directory = try #require(kernel.modules)
        let index = try #require(try kernel.moduleIndex())
        for entry in try ModuleSelection(GuestModule.standard, from: index).entries {
            #expect(ELF64(try ModuleFile(path: directory.pushing(entry.path)).content()) != nil, "\(entry.path)")
        }
    }

    @Test(.needs(.program("xz")))
    func itsImageHoldsAKernelWithAPVHEntry() throws {
        let image = try KernelImage(kernel().image)
        #expect(image.format == .bzImage)
        #expect(try image.extracted() != nil)
    }
}
