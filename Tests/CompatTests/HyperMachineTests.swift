// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// The command lines of QEMU that runV's driver made, for runV itself, for hyperd and for frakti.
@Suite struct HyperMachineTests {
    private func runv(_ flags: String, _ release: Release? = nil) -> [String]? {
        LegacyMachineTests.machine(
            RunV.dialect, [SourceText(path: "runv.sh", text: "#!/bin/sh\nexec /usr/local/bin/runv \(flags) $@\n")], release)
    }

    private func hyperd(_ text: String, _ release: Release? = nil) -> [String]? {
        LegacyMachineTests.machine(Hyperd.dialect, [SourceText(path: "/etc/hyper/config", text: text)], release)
    }

    private func frakti(_ flags: String, _ release: Release? = nil) -> [String]? {
        let unit = "[Service]\nExecStart=/usr/bin/frakti \(flags)\n"
        return LegacyMachineTests.machine(Frakti.dialect, [SourceText(path: "/etc/systemd/system/frakti.service", text: unit)], release)
    }

    @Test func theFlagsOfRunVAreTheSizeAndTheFilesOfItsMachine() throws {
        let line = try #require(runv("--default_cpus 2 --default_memory 256 --kernel /k --initrd=/i", Release(1, 0, 0)))
        #expect(line.starts(with: ["qemu-system-x86_64", "-machine", "pc-i440fx-2.1,accel=kvm,usb=off"]))
        #expect(line.option("-m") == "size=256,slots=1,maxmem=32768M" && line.option("-smp") == "cpus=2,maxcpus=8")
        #expect(line.option("-kernel") == "/k" && line.option("-initrd") == "/i")
        #expect(line.option("-append") == "console=ttyS0 panic=1 no_timer_check")
        #expect(line.option("-numa") == "node,nodeid=0,cpus=0-7,mem=256")
    }

    @Test func aMachineBeforeOneCouldNotGrow() throws {
        let line = try #require(runv("", Release(0, 8, 1)))
        #expect(line.option("-m") == "128" && line.option("-smp") == "1" && line.option("-numa") == nil)
        #expect(line.option("-machine") == "pc-i440fx-2.0,accel=kvm,usb=off")
    }

    @Test func theClockCameWith081AndTheProcessesOwnFilesWith062() throws {
        for (release, clock, isDaemon) in [
            (Release(0, 6, 0), "base=utc,driftfix=slew", false), (Release(0, 6, 2), "base=utc,driftfix=slew", true),
            (Release(0, 8, 1), "base=utc,clock=vm,driftfix=slew", true),
            (Release(1, 0, 0, .branch("1.0.y")), "base=utc,clock=host,driftfix=slew", true),
        ] {
            let line = try #require(runv("", release))
            #expect(line.option("-rtc") == clock && line.contains("-daemonize") == isDaemon, "\(release)")
        }
    }

    @Test func aTemplateIsStartedFromItsStateInTheSizeThatItWasSavedWith() throws {
        let line = try #require(runv("--template /run/t --default_memory 512", Release(0, 8, 1)))
        #expect(line.option("-incoming") == "exec:cat /run/t/state" && line.contains("-S"))
        #expect(line.option("-m") == "size=128,slots=1,maxmem=32768M")
        #expect(line.option("-object")?.hasSuffix("size=128M,mem-path=/run/t/memory") == true)
    }

    @Test func aFlashTakesThePlaceOfTheKernel() throws {
        let both = try #require(runv("--bios /b --cbfs /c", Release(1, 0, 0)))
        #expect(both.options("-drive") == ["if=pflash,file=/b,readonly=on", "if=pflash,file=/c,readonly=on"])
        #expect(both.option("-kernel") == nil)
        let firmware = try #require(runv("--bios /b", Release(1, 0, 0)))
        #expect(firmware.option("-bios") == "/b" && firmware.option("-kernel") == "/var/lib/hyper/kernel")
    }

    @Test(arguments: ["libvirt", "xen", "kvmtool"])
    func otherDriversRanNoQEMUOfRunVs(driver: String) {
        #expect(runv("--driver \(driver)") == nil)
    }

    @Test func theLastBranchesHadTheHostsSizeAndKatasAgent() throws {
        let later = try #require(runv("", Release(1, 0, 0, .branch("1.0.y"))))
        #expect(later.option("-m") == "size=128,slots=1,maxmem=8192M" && later.option("-smp") == "cpus=1,maxcpus=4")
        let master = try #require(runv("--agent kata"))
        #expect(master.contains { $0.hasSuffix("name=agent.channel.0") } && !master.contains { $0.contains("sh.hyper") })
        #expect(master.option("-append") == "console=ttyS0 panic=1 no_timer_check iommu=off")
    }

    @Test func hyperdsMachineGrewWhereAPolicyMadeItABase() throws {
        let plain = try #require(hyperd("Kernel=/k\nInitrd=/i\n", Release(0, 7, 0)))
        #expect(plain.option("-m") == "128" && plain.option("-kernel") == "/k")
        let policy = "VmFactoryPolicy = {\"cache\":2,\"cpu\":2,\"memory\":256}\n"
        let base = try #require(hyperd("Kernel=/k\nInitrd=/i\n\(policy)", Release(0, 7, 0)))
        #expect(base.option("-m") == "size=256,slots=1,maxmem=32768M" && base.option("-smp") == "cpus=2,maxcpus=8")
    }

    @Test func hyperdPutsVsockAndADebuggerBehindRunVsLine() throws {
        let line = try #require(hyperd("Kernel=/k\nInitrd=/i\nEnableVsock=true\nGDBTCPPort=1234\n"))
        #expect(line.option("-gdb") == "tcp::1234" && line.last?.hasPrefix("vhost-vsock-pci,id=vsock0") == true)
        #expect(line.contains { $0.hasSuffix("sh.hyper.channel.0") })
        #expect(hyperd("Kernel=/k\nInitrd=/i\nHypervisor=XenPV\n") == nil)
    }

    @Test func hyperdReadAFlashUpTo07() throws {
        let text = "Kernel=/k\nInitrd=/i\nBios=/b\nCbfs=/c\n"
        #expect(try #require(hyperd(text, Release(0, 7, 0))).options("-drive").count == 2)
        #expect(try #require(hyperd(text, Release(0, 8, 1))).option("-drive") == nil)
        #expect(try #require(hyperd("Kernel=/k\nInitrd=/i\n", Release(1, 0, 0))).option("-append")?.hasSuffix(" iommu=off") == true)
    }

    @Test func fraktiToldHyperdTheSizesAndHyperdItsOwnWithoutThem() throws {
        let line = try #require(frakti("--memory=256 --cpu=2"))
        #expect(line.option("-m") == "size=256,slots=1,maxmem=8192M" && line.option("-smp") == "cpus=2,maxcpus=4")
        #expect(try #require(frakti("--v=3")).option("-m")?.hasPrefix("size=64,") == true)
        #expect(try #require(frakti("--v=3", Release(0, 2, 0))).option("-m")?.hasPrefix("size=128,") == true)
    }

    /// What a wrapper put in place of the machine, its size and its guest is passed over.
    @Test(.needs(.corpus)) func theLineIsThatOfARealRun() throws {
        let real = try LegacyMachineTests.realRun("runv-0.8.1", "running.processes.txt", nameBehind: "unix:/var/run/hyper/")
        let ours = try #require(runv("", Release(0, 8, 1)))
        let own: Set = ["-machine", "-cpu", "-kernel", "-initrd", "-append", "-realtime", "-m", "-smp", "-D"]
        #expect(ours.pairs(without: own) == real.pairs(without: own.union(["-vga"])))
    }
}
