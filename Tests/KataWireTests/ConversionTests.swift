// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataOCI
import KataTestSupport
import SwiftProtobuf
import SystemPackage
import Testing

@testable import KataWire

@Suite struct ConversionTests {
    private static func specification(_ name: String) throws -> Spec {
        let path = Repository.fixtures.appending("wire").appending("specifications").appending(name).appending("config.json")
        return try JSONDecoder().decode(Spec.self, from: Data(try fixtureText(path).utf8))
    }

    @Test func everyFieldOfKatasMessagesComesFromItsMemberOfTheSpecification() throws {
        let golden = try #require(try GoldenMessage.all().first { $0.name == "Spec.full" })
        let specification = try Self.specification("full")
        var wire = wireSpec(from: specification)
        // Fields of ours, which Kata's own messages do not have.
        #expect(wire.linux.seccomp.defaultErrno == specification.linux?.seccomp?.defaultErrnoRet)
        wire.linux.seccomp.clearDefaultErrno()
        #expect(wire.domainname == specification.domainname)
        wire.domainname = ""
        #expect(wire.process.user.umask == specification.process?.user.umask)
        wire.process.user.clearUmask()
        #expect(wire.process.scheduler.policy == specification.process?.scheduler?.policy)
        wire.process.clearScheduler()
        #expect(wire.process.iopriority.class == specification.process?.ioPriority?.class)
        wire.process.clearIopriority()
        #expect(wire.process.cpuaffinity == specification.process?.execCPUAffinity?.final)
        wire.process.cpuaffinity = ""
        #expect(wire.linux.personality == specification.linux?.personality?.domain)
        wire.linux.personality = ""
        #expect(
            wire.linux.timeOffsets
                == specification.linux?.timeOffsets?.mapValues { "\($0.secs ?? 0) \($0.nanosecs ?? 0)" })
        #expect(!wire.linux.timeOffsets.isEmpty)
        wire.linux.timeOffsets = [:]
        let resources = specification.linux?.resources
        #expect(wire.linux.resources.unified == resources?.unified)
        #expect(wire.linux.resources.rdma.mapValues(\.handles) == resources?.rdma?.mapValues { $0.hcaHandles ?? 0 })
        #expect(wire.linux.resources.cpu.burst == resources?.cpu?.burst && wire.linux.resources.cpu.idle == resources?.cpu?.idle)
        (wire.linux.resources.unified, wire.linux.resources.rdma) = ([:], [:])
        wire.linux.resources.cpu.clearBurst()
        wire.linux.resources.cpu.clearIdle()
        #expect(wire.textFormatString() == (try WireSpec(textFormatString: golden.text)).textFormatString())
    }

    @Test func absentSectionsStayAbsent() throws {
        let wire = wireSpec(from: Spec(ociVersion: "1.0.2"))
        #expect(wire == WireSpec.with { $0.version = "1.0.2" })
        #expect(!wire.hasProcess && !wire.hasRoot && !wire.hasHooks && !wire.hasLinux)
        let linux = wireSpec(from: Spec(ociVersion: "1.0.2", linux: LinuxSpec())).linux
        #expect(!linux.hasResources && !linux.hasSeccomp && !linux.hasIntelRdt)
    }

    @Test func anErrnoOfZeroIsNotAnAbsentOne() throws {
        func errno(_ number: UInt32?) -> WireLinuxSyscall.OneOf_ErrnoRet? {
            let syscall = LinuxSyscall(names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: number)
            let linux = LinuxSpec(seccomp: LinuxSeccomp(defaultAction: "SCMP_ACT_ALLOW", syscalls: [syscall]))
            return wireSpec(from: Spec(ociVersion: "1.0.2", linux: linux)).linux.seccomp.syscalls.first?.errnoRet
        }
        #expect(errno(nil) == nil)
        #expect(errno(0) == .errnoret(0))
        #expect(errno(38) == .errnoret(38))
    }

    @Test func aDeviceRuleWithoutNumbersMeansAllDevices() throws {
        let rule = try #require(wireSpec(from: try Self.specification("runc")).linux.resources.devices.first)
        #expect(rule.major == -1 && rule.minor == -1 && rule.type == "" && !rule.allow && rule.access == "rwm")
    }

    @Test func mountsKeepTheirOrder() throws {
        let wire = wireSpec(from: try Self.specification("runc"))
        #expect(wire.mounts.map(\.destination) == ["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup"])
    }
}
