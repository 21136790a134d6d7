// SPDX-License-Identifier: Apache-2.0

import KataOCI
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@testable import KataBundle

/// Every member of `fixtures/oci/everything.json`, which has every member of the specification, with something else in its place.
@Suite struct MemberTableTests {
    /// A value of the sample and the way to it; numbers of elements are left out.
    private struct Place {
        let path: String
        let value: JSONValue
    }

    private static func sample() throws -> JSONDocument {
        let file = Repository.fixtures.appending("oci").appending("everything.json")
        return try #require(JSONDocument.parse(SourceText(path: "config.json", bytes: try FileSystem.read(file))).value)
    }

    private static func places(_ value: JSONValue, _ path: String = "") -> [Place] {
        let below =
            (value.object ?? []).flatMap { places($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
            + (value.array ?? []).flatMap { places($0, "\(path)[]") }
        return (path.isEmpty ? [] : [Place(path: path, value: value)]) + below
    }

    /// What a specification with another text at that place is refused with; nil where it is taken.
    private static func refusal(of document: JSONDocument, _ place: Place, _ text: String) -> String? {
        var bytes = document.source.bytes
        bytes.replaceSubrange(place.value.range.offsets, with: Array(text.utf8))
        do throws(BundleError) {
            _ = try Bundle.checked(SourceText(path: "config.json", bytes: bytes))
            return nil
        } catch {
            return errorChain(error)
        }
    }

    @Test func eachMemberOfAnotherTypeIsRefusedWithItsPlace() throws {
        let document = try Self.sample()
        let places = Self.places(document.root)
        #expect(places.count > 200)
        for place in places {
            let start = place.value.range.start
            let others = [("\"7\"", place.value.string == nil), ("7", place.value.double == nil), ("{}", place.value.object == nil)]
            for (text, isOther) in others where isOther {
                let message = Self.refusal(of: document, place, text)
                #expect(
                    message?.contains("config.json:\(start.line):\(start.column)") == true, "\(place.path) = \(text): \(message ?? "taken")"
                )
            }
        }
    }

    /// A value of the right type that is wrong for each leaf.
    private static let wrong: [String: String] = [
        "ociVersion": #""2.0.0""#, "hostname": "\"\(String(repeating: "h", count: 65))\"",
        "domainname": "\"\(String(repeating: "d", count: 65))\"", "root.path": #""""#,
        "process.consoleSize.height": "65536", "process.consoleSize.width": "65536", "process.user.uid": "4294967295",
        "process.user.gid": "4294967295", "process.user.umask": "512", "process.user.additionalGids[]": "4294967295",
        "process.args[]": nul, "process.env[]": #""A""#, "process.cwd": #""tmp""#, "process.apparmorProfile": nul,
        "process.selinuxLabel": nul, "process.capabilities.bounding[]": nul, "process.capabilities.effective[]": nul,
        "process.capabilities.inheritable[]": nul, "process.capabilities.permitted[]": nul, "process.capabilities.ambient[]": nul,
        "process.rlimits[].type": #""NOFILE""#, "process.rlimits[].soft": "18446744073709551616", "process.rlimits[].hard": "1023",
        "process.oomScoreAdj": "-1001", "process.scheduler.policy": #""SCHED_ISO""#, "process.scheduler.flags[]": #""RESET""#,
        "process.scheduler.nice": "20", "process.scheduler.priority": "1", "process.scheduler.runtime": "1023",
        "process.scheduler.deadline": "999999", "process.scheduler.period": "1999999", "process.ioPriority.class": #""BE""#,
        "process.ioPriority.priority": "8", "process.execCPUAffinity.initial": #""one""#, "process.execCPUAffinity.final": #""-""#,
        "mounts[].destination": #""""#, "mounts[].type": nul, "mounts[].source": nul, "mounts[].options[]": nul,
        "mounts[].uidMappings[].containerID": "4294967295", "mounts[].uidMappings[].hostID": "4294967295",
        "mounts[].uidMappings[].size": "0", "mounts[].gidMappings[].containerID": "4294967295",
        "mounts[].gidMappings[].hostID": "4294967295", "mounts[].gidMappings[].size": "0",
        "hooks.prestart[].path": #""h""#, "hooks.prestart[].args[]": nul, "hooks.prestart[].env[]": nul, "hooks.prestart[].timeout": "0",
        "hooks.createRuntime[].path": #""h""#, "hooks.createContainer[].path": #""h""#, "hooks.startContainer[].path": #""h""#,
        "hooks.poststart[].path": #""h""#, "hooks.poststop[].path": #""h""#,
        "linux.uidMappings[].containerID": "4294967000", "linux.uidMappings[].hostID": "4294967000", "linux.uidMappings[].size": "0",
        "linux.gidMappings[].containerID": "4294967000", "linux.gidMappings[].hostID": "4294967000", "linux.gidMappings[].size": "0",
        "linux.namespaces[].type": #""nett""#, "linux.namespaces[].path": #""run/netns/a""#, "linux.devices[].path": #""dev/a""#,
        "linux.devices[].type": #""q""#, "linux.devices[].major": "4096", "linux.devices[].minor": "1048576",
        "linux.devices[].fileMode": "4096", "linux.devices[].uid": "4294967295", "linux.devices[].gid": "4294967295",
        "linux.netDevices.eth0.name": nul, "linux.cgroupsPath": #""/a/../b""#, "linux.resources.devices[].type": #""q""#,
        "linux.resources.devices[].major": "-2", "linux.resources.devices[].minor": "-2", "linux.resources.devices[].access": #""x""#,
        "linux.resources.memory.limit": "-2", "linux.resources.memory.reservation": "-2", "linux.resources.memory.swap": "536870911",
        "linux.resources.memory.kernel": "-2", "linux.resources.memory.kernelTCP": "-2", "linux.resources.memory.swappiness": "101",
        "linux.resources.cpu.shares": "1", "linux.resources.cpu.quota": "999", "linux.resources.cpu.burst": "1000001",
        "linux.resources.cpu.period": "999", "linux.resources.cpu.realtimeRuntime": "-2", "linux.resources.cpu.realtimePeriod": "1",
        "linux.resources.cpu.cpus": #""two""#, "linux.resources.cpu.mems": #"",""#, "linux.resources.cpu.idle": "2",
        "linux.resources.pids.limit": "-2", "linux.resources.blockIO.weight": "9", "linux.resources.blockIO.leafWeight": "1001",
        "linux.resources.blockIO.weightDevice[].major": "-1", "linux.resources.blockIO.weightDevice[].minor": "1048576",
        "linux.resources.blockIO.weightDevice[].weight": "1001", "linux.resources.blockIO.weightDevice[].leafWeight": "9",
        "linux.resources.blockIO.throttleReadBpsDevice[].major": "4096", "linux.resources.blockIO.throttleReadBpsDevice[].minor": "-1",
        "linux.resources.blockIO.throttleReadBpsDevice[].rate": "-1",
        "linux.resources.blockIO.throttleWriteBpsDevice[].major": "4096", "linux.resources.blockIO.throttleWriteBpsDevice[].minor": "-1",
        "linux.resources.blockIO.throttleWriteBpsDevice[].rate": "-1", "linux.resources.blockIO.throttleReadIOPSDevice[].major": "4096",
        "linux.resources.blockIO.throttleReadIOPSDevice[].minor": "-1", "linux.resources.blockIO.throttleReadIOPSDevice[].rate": "-1",
        "linux.resources.blockIO.throttleWriteIOPSDevice[].major": "-1",
        "linux.resources.blockIO.throttleWriteIOPSDevice[].minor": "1048576",
        "linux.resources.blockIO.throttleWriteIOPSDevice[].rate": "0.5", "linux.resources.hugepageLimits[].pageSize": #""3MB""#,
        "linux.resources.hugepageLimits[].limit": "-1", "linux.resources.network.classID": "4294967296",
        "linux.resources.network.priorities[].name": nul, "linux.resources.network.priorities[].priority": "-1",
        "linux.resources.rdma.mlx5_1.hcaHandles": "-1", "linux.resources.rdma.mlx5_1.hcaObjects": "4294967296",
        "linux.resources.unified.memory.high": nul, "linux.sysctl.net.ipv4.ip_forward": nul,
        "linux.seccomp.defaultAction": #""ERRNO""#, "linux.seccomp.defaultErrnoRet": "4095",
        "linux.seccomp.architectures[]": #""SCMP_ARCH_S390X""#, "linux.seccomp.flags[]": #""LOG""#,
        "linux.seccomp.listenerPath": #""run/l""#, "linux.seccomp.syscalls[].names[]": nul,
        "linux.seccomp.syscalls[].action": #""SCMP_ACT_ALLOW""#, "linux.seccomp.syscalls[].errnoRet": "65536",
        "linux.seccomp.syscalls[].args[].index": "6", "linux.seccomp.syscalls[].args[].value": "18446744073709551616",
        "linux.seccomp.syscalls[].args[].valueTwo": "-1", "linux.seccomp.syscalls[].args[].op": #""EQ""#,
        "linux.rootfsPropagation": #""slaves""#, "linux.maskedPaths[]": #""proc""#, "linux.readonlyPaths[]": #""proc""#,
        "linux.mountLabel": nul, "linux.intelRdt.closID": nul, "linux.intelRdt.l3CacheSchema": nul, "linux.intelRdt.memBwSchema": nul,
        "linux.personality.domain": #""LINUX64""#, "linux.timeOffsets.boottime.secs": "9223372036854775808",
        "linux.timeOffsets.boottime.nanosecs": "1000000000",
    ]

    private static let nul = #""a\u0000b""#

    /// Whose every value of the type is right.
    private static let unbounded: Set<String> = ["annotations.org.example.key", "linux.seccomp.listenerMetadata"]

    @Test func eachMemberHasAWrongValueThatIsRefusedWithItsPlace() throws {
        let document = try Self.sample()
        let leaves = Self.places(document.root).filter { place in
            place.value.object == nil && place.value.array == nil && place.value.bool == nil && !Self.unbounded.contains(place.path)
        }
        #expect(Set(leaves.map(\.path)).subtracting(Self.wrong.keys).sorted() == [])
        #expect(Set(Self.wrong.keys).subtracting(leaves.map(\.path)).sorted() == [])
        for place in leaves {
            guard let text = Self.wrong[place.path] else { continue }
            let message = Self.refusal(of: document, place, text)
            let isLocated = message?.contains("config.json:\(place.value.range.start.line):") == true
            #expect(isLocated, "\(place.path) = \(text): \(message ?? "taken")")
        }
    }
}
