// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import KataOCI
import KataSandbox
import KataSystem
import KataTestSupport
import Testing

@testable import KataRuntime

@Suite struct UpdateTests {
    private func given(_ words: [String]) throws -> LinuxResources {
        try #require(try KataRuntimeCommand.parseAsRoot(["update"] + words + ["c"]) as? Update).given()
    }

    @Test(
        arguments: [
            ("0", 0), ("1048576", 1 << 20), ("-1", -1), ("64m", 64 << 20), ("64M", 64 << 20), ("1g", 1 << 30), ("1gb", 1 << 30),
            ("1GiB", 1 << 30), ("1.5k", 1536), ("0.5 m", 512 << 10), ("3b", 3), ("2t", 2 << 40), ("1p", 1 << 50), (".5k", 512),
        ] as [(String, Int64)])
    func anAmountIsReadAsRuncReadsIt(text: String, bytes: Int64) {
        #expect(ByteAmount(argument: text)?.bytes == bytes)
    }

    @Test(arguments: ["", "-2", "m", "1x", "1mm", "1bb", "1kib2", "1  m", "1.2.3k", "9223372036854775808", "8388608t", "+1", "٣"])
    func whatIsNoAmountIsRefused(text: String) { #expect(ByteAmount(argument: text) == nil) }

    /// docker and people say -1 for no limit.
    @Test func noLimitIsAValueAndNoFlag() throws {
        let wanted = try given(["--memory", "-1", "--memory-swap", "-1", "--cpu-quota", "-1", "--pids-limit", "-1"])
        #expect(wanted.memory?.limit == -1 && wanted.memory?.swap == -1 && wanted.cpu?.quota == -1 && wanted.pids?.limit == -1)
        let same = try given(["--memory=-1", "--memory-swap=-1", "--cpu-quota=-1", "--pids-limit=-1"])
        #expect(same == wanted)
    }

    @Test func eachFlagIsInItsPlace() throws {
        let wanted = try given([
            "--memory", "64m", "--memory-reservation", "32m", "--memory-swap", "1g", "--cpu-quota", "50000", "--cpu-period", "100000",
            "--cpu-share", "512", "--cpuset-cpus", "0-1", "--cpuset-mems", "0", "--pids-limit", "7", "--blkio-weight", "300",
        ])
        #expect(
            wanted
                == LinuxResources(
                    memory: LinuxMemory(limit: 64 << 20, reservation: 32 << 20, swap: 1 << 30),
                    cpu: LinuxCPU(shares: 512, quota: 50000, period: 100_000, cpus: "0-1", mems: "0"), pids: LinuxPids(limit: 7),
                    blockIO: LinuxBlockIO(weight: 300)))
    }

    @Test(
        arguments: [
            (["--memory", "1g", "--memory-swap", "1m"], "'memory.swap': 1048576 is memory and swap together"),
            (["--blkio-weight", "5"], "'blockIO.weight': 5 is not from 10 to 1000"),
            (["--cpu-share", "1"], "'cpu.shares': 1 is not from 2 to 262144"),
        ])
    func whatTheKernelWouldRefuseIsRefusedBefore(words: [String], expected: String) throws {
        let error = #expect(throws: UpdateFailure.self) { try given(words) }
        #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
    }

    @Test(
        arguments: [
            (LinuxResources(memory: LinuxMemory(swappiness: 10)), "memory.swappiness"),
            (LinuxResources(memory: LinuxMemory(kernel: 1)), "memory.kernel "),
            (LinuxResources(memory: LinuxMemory(kernelTCP: 1)), "memory.kernelTCP"),
            (LinuxResources(memory: LinuxMemory(disableOOMKiller: true)), "memory.disableOOMKiller"),
            (LinuxResources(memory: LinuxMemory(checkBeforeUpdate: true)), "memory.checkBeforeUpdate"),
            (LinuxResources(cpu: LinuxCPU(realtimeRuntime: 1)), "cpu.realtimeRuntime"),
            (LinuxResources(cpu: LinuxCPU(realtimePeriod: 1)), "cpu.realtimePeriod"),
            (LinuxResources(network: LinuxNetwork(classID: 1)), "network.classID"),
            (LinuxResources(network: LinuxNetwork(priorities: [LinuxInterfacePriority(name: "eth0", priority: 1)])), "network.priorities"),
        ])
    func whatHasNoEffectIsTold(resources: LinuxResources, name: String) {
        for isUpdate in [true, false] {
            let parts = resources.unappliedParts(isUpdate: isUpdate)
            #expect(parts.count == 1 && parts[0].contains("linux.resources.\(name)"), "\(parts)")
        }
    }

    @Test func deviceRulesAreTheContainersFromItsCreationOn() {
        let resources = LinuxResources(devices: [LinuxDeviceRule(allow: true)])
        #expect(resources.unappliedParts(isUpdate: false) == [])
        #expect(resources.unappliedParts(isUpdate: true).count == 1)
    }

    /// docker's document for `docker update` says 0 where nothing is to change.
    @Test func zeroesAskForNothing() throws {
        let memory = LinuxMemory(limit: 0, reservation: 0, swap: 0, kernel: 0, kernelTCP: 0, disableOOMKiller: false)
        let cpu = LinuxCPU(shares: 0, quota: 0, period: 0, realtimeRuntime: 0, realtimePeriod: 0)
        let resources = LinuxResources(memory: memory, cpu: cpu, blockIO: LinuxBlockIO(weight: 0), network: LinuxNetwork(classID: 0))
        #expect(resources.unappliedParts(isUpdate: true) == [])
    }
}
