// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// The command lines of QEMU that Kata's runtimes make.
@Suite struct KataMachineTests {
    /// - Parameter table: what stands in [hypervisor.qemu]; `others` stands above it.
    private func go(_ table: String, _ release: Release, others: String = "") throws -> [String]? {
        let dialect = try #require(KataGo.dialects.first { $0.releases.contains(release) })
        let text = "\(others)\n[hypervisor.qemu]\npath = \"/q\"\n\(table)\n"
        return LegacyMachineTests.machine(dialect, [SourceText(path: "/etc/kata-containers/configuration.toml", text: text)], release)
    }

    private func rust(_ table: String, others: String = "[runtime]\nhypervisor_name = \"qemu\"") -> [String]? {
        let text = "\(others)\n[hypervisor.qemu]\npath = \"/q\"\n\(table)\n"
        return LegacyMachineTests.machine(RuntimeRS.dialect, [SourceText(path: "runtime-rs/configuration.toml", text: text)])
    }

    private static let releases: [Release] = [
        Release(1, 0, 0), Release(1, 5, 0), Release(1, 9, 0), Release(1, 12, 1), Release(2, 1, 0), Release(2, 5, 0), Release(3, 0, 0),
        Release(3, 2, 0), Release(3, 32, 0), Release(4, 1, 0),
    ]

    @Test(arguments: releases) func whatTheFileSaysIsOnTheLine(release: Release) throws {
        let table = "default_vcpus = 2\ndefault_memory = 512\nkernel = \"/k\"\nimage = \"/i.img\"\nkernel_params = \"a=b c\""
        let line = try #require(try go(table, release))
        #expect(line.first == "/q" && line.option("-name") == "sandbox-<id>" && line.option("-kernel") == "/k")
        #expect(line.option("-m")?.hasPrefix("512M,slots=\(release < Release(1, 3, 0) ? 2 : 10),maxmem=9216M") == true)
        #expect(line.option("-smp")?.hasPrefix("2,cores=1,threads=1,sockets=") == true)
        #expect(line.option("-append")?.hasSuffix(" a=b c") == true)
        #expect(line.contains { $0.contains("mem-path=/i.img,size=<image>") })
    }

    @Test(arguments: [
        (Release(1, 0, 0), "pc,accel=kvm,kernel_irqchip,nvdimm"), (Release(2, 1, 0), "pc,accel=kvm,kernel_irqchip,nvdimm=on"),
        (Release(2, 5, 0), "q35,accel=kvm,kernel_irqchip=on,nvdimm=on"), (Release(4, 1, 0), "q35,accel=kvm,nvdimm=on"),
    ])
    func theMachineIsThatOfTheRelease(release: Release, machine: String) throws {
        #expect(try go("image = \"/i\"", release)?.option("-machine") == machine)
        #expect(try go("image = \"/i\"\nmachine_accelerators = \"x=y\"", release)?.option("-machine") == machine + ",x=y")
    }

    @Test(arguments: releases) func theAgentIsReachedAsTheReleaseDid(release: Release) throws {
        let line = try #require(try go("", release))
        #expect(line.contains { $0.hasPrefix("virtserialport,") } == (release < Release(2, 0, 0)))
        #expect(line.contains { $0.hasPrefix("vhost-vsock-pci") } == (release >= Release(2, 0, 0)))
        if (Release(1, 2, 0)..<Release(2, 0, 0)).contains(release) {
            let asked = try #require(try go("use_vsock = true", release))
            #expect(asked.contains { $0.hasPrefix("vhost-vsock-pci") } && !asked.contains { $0.hasPrefix("virtserialport,") })
        }
    }

    @Test(arguments: releases) func filesAreSharedByTheDefaultOfTheRelease(release: Release) throws {
        let line = try #require(try go("", release))
        #expect(line.contains { $0.hasPrefix("virtio-9p-pci") } == (release < Release(2, 4, 0)))
        #expect(line.contains { $0.hasPrefix("vhost-user-fs-pci") } == (release >= Release(2, 4, 0)))
        // The daemon needs memory that both see.
        let isMapped = line.options("-object").contains { $0.contains("mem-path=/dev/shm,share=on") }
        #expect(isMapped == (release >= Release(2, 4, 0)))
    }

    @Test(arguments: [
        (Release(1, 8, 0), 255, 255), (Release(1, 9, 0), 255, 2048), (Release(1, 12, 1), 128, 128), (Release(2, 0, 0), 255, 2048),
        (Release(4, 1, 0), 256, 256), (Release(1, 0, 0), 7, 2048),
    ])
    func littleMemoryWasRaisedByTheRelease(release: Release, asked: Int, got: Int) throws {
        #expect(try go("default_memory = \(asked)", release)?.option("-m")?.hasPrefix("\(got)M,") == true)
    }

    @Test func anInitrdLeavesTheImageOut() throws {
        let line = try #require(try go("initrd = \"/i\"\nimage = \"\"", Release(4, 1, 0)))
        #expect(line.option("-initrd") == "/i" && line.option("-append")?.contains("root=") == false)
        #expect(!line.contains { $0.contains("nvdimm") })
    }

    @Test func firmwareNestsTheBridgesFrom41() throws {
        let line = try #require(try go("firmware = \"/f\"", Release(4, 1, 0)))
        #expect(line.contains { $0.hasPrefix("pcie-root-port,id=rp-pci-bridge-0") } && line.option("-bios") == "/f")
        #expect(try go("firmware = \"/f\"", Release(3, 32, 0))?.contains { $0.hasPrefix("pci-bridge,") } == true)
    }

    @Test func theSandboxOfSeccompIsOnTheLineOfGoAndUnderItsOwnNameOnThatOfRust() throws {
        #expect(try go("seccompsandbox = \"on\"", Release(4, 1, 0))?.option("-sandbox") == "on")
        #expect(rust("seccomp_sandbox = \"on\"")?.option("-sandbox") == "on")
        #expect(rust("seccompsandbox = \"on\"")?.option("-sandbox") == nil, "runtime-rs reads past Go's name")
    }

    @Test func aFileForAnotherHypervisorMakesNoLine() throws {
        let text = SourceText(path: "c.toml", text: "[hypervisor.clh]\npath = \"/clh\"\n[agent.kata]\n")
        for dialect in KataGo.dialects { #expect(LegacyMachineTests.machine(dialect, [text]) == nil, "\(dialect.id)") }
        #expect(rust("", others: "") == nil, "without a name dragonball runs")
    }

    @Test func theLineOfRustHasItsOwnOrderAndSizes() throws {
        let line = try #require(rust("default_memory = 2048\nimage = \"/i.img\"\nkernel = \"/k\"\ndefault_vcpus = 1.5"))
        #expect(line.starts(with: ["/q", "-name", "sandbox-<id>", "-kernel", "/k", "-append"]))
        #expect(line.option("-m") == "2G,slots=128,maxmem=8G" && line.option("-smp") == "2,maxcpus=4")
        #expect(line.option("-machine") == "q35,accel=kvm,kernel_irqchip=on,memory-backend=entire-guest-memory")
        #expect(line.option("-append")?.contains("root=/dev/vda1 rootflags=data=ordered,errors=remount-ro ro rootfstype=ext4") == true)
        #expect(Array(line.suffix(6)) == ["-vga", "none", "-no-user-config", "-nodefaults", "-nographic", "-no-reboot"])
    }

    @Test func sharedMemoryTakesTheRoomForMoreInRust() throws {
        let line = try #require(rust("shared_fs = \"virtio-fs\"\nvirtio_fs_queue_size = 512"))
        #expect(line.option("-m") == "128M" && line.contains { $0.hasSuffix("tag=kataShared,queue-size=512") })
        let image = try #require(rust("shared_fs = \"virtio-fs\"\nvm_rootfs_driver = \"virtio-pmem\""))
        #expect(image.option("-m") == "128M,slots=128,maxmem=8G")
    }

    /// What a wrapper put in place of the machine, its size and its guest is passed over; the host was a VM itself.
    @Test(.needs(.corpus)) func theLineIsThatOfARealRun() throws {
        let real = try LegacyMachineTests.realRun("kata-1.12.1", "docker-running.processes.txt", nameBehind: "sandbox-")
            .map { $0.replacing("disable-modern=true", with: "disable-modern=false") }
        let ours = try #require(
            try go("enable_debug = true\ninitrd = \"/i\"\nimage = \"\"\ndefault_memory = 512", Release(1, 12, 1)))
        let own: Set = ["-machine", "-cpu", "-kernel", "-initrd", "-append", "-m", "-smp", "-uuid", "-vga"]
        // The container had no network.
        let lines = ours.pairs(without: own.union(["-netdev"])).filter { !$0.hasPrefix("-device driver=virtio-net-pci") }
        #expect(lines == real.pairs(without: own.union(["-serial"])))
    }
}
