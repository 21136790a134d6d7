// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataTestSupport
import SystemPackage
import Testing

@testable import KataOCI

/// `fixtures/wire/specifications/<case>/config.json`.
private func specification(_ name: String) throws -> Data {
    let path = Repository.fixtures.appending("wire").appending("specifications").appending(name).appending("config.json")
    return try Data(contentsOf: URL(fileURLWithPath: path.string))
}

private func decode(_ text: String) throws -> Spec {
    try JSONDecoder().decode(Spec.self, from: Data(text.utf8))
}

private func object(_ data: Data) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: data) as? NSDictionary)
}

@Suite struct SpecTests {
    @Test(arguments: ["runc", "full"])
    func aDocumentDecodedAndEncodedIsTheSame(_ name: String) throws {
        let data = try specification(name)
        let spec = try JSONDecoder().decode(Spec.self, from: data)
        #expect(try object(try JSONEncoder().encode(spec)) == (try object(data)))
    }

    @Test func theDefaultDocumentOfRuncHasItsFields() throws {
        let spec = try JSONDecoder().decode(Spec.self, from: try specification("runc"))
        #expect(spec.root == RootSpec(path: "rootfs", readonly: true))
        #expect(spec.process?.args == ["sh"])
        #expect(spec.process?.rlimits == [ResourceLimit(type: "RLIMIT_NOFILE", hard: 1024, soft: 1024)])
        #expect(spec.mounts?.map(\.destination) == ["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup"])
        #expect(spec.linux?.namespaces?.map(\.type) == [.pid, .network, .ipc, .uts, .mount, .cgroup])
        #expect(spec.linux?.resources?.devices == [LinuxDeviceRule(allow: false, access: "rwm")])
    }

    @Test func unknownMembersAreIgnored() throws {
        let spec = try decode(
            #"{"ociVersion":"1.9.0","novel":{"a":[1]},"linux":{"novel":1,"namespaces":[{"type":"novel","x":2}]},"windows":{}}"#)
        #expect(spec.linux?.namespaces == [LinuxNamespace(type: .init(rawValue: "novel"))])
    }

    @Test func nullsAreAbsence() throws {
        let spec = try decode(#"{"ociVersion":"1.0.2","process":null,"mounts":null,"linux":{"resources":null,"seccomp":null}}"#)
        #expect(spec == Spec(ociVersion: "1.0.2", linux: LinuxSpec()))
    }

    @Test func aProcessWithoutAUserIsRoots() throws {
        let spec = try decode(#"{"ociVersion":"1.0.2","process":{"cwd":"/","user":{"gid":5}}}"#)
        #expect(spec.process?.user == UserSpec(uid: 0, gid: 5))
        #expect(try decode(#"{"ociVersion":"1.0.2","process":{"cwd":"/"}}"#).process?.user == UserSpec())
    }

    @Test(arguments: [
        "{}", #"{"ociVersion":1}"#, #"{"ociVersion":"1.0.2","process":{}}"#, #"{"ociVersion":"1.0.2","mounts":[{}]}"#,
        #"{"ociVersion":"1.0.2","mounts":"x"}"#, #"{"ociVersion":"1.0.2","linux":{"resources":{"pids":{"limit":"many"}}}}"#,
        #"{"ociVersion":"1.0.2","process":{"cwd":"/","user":{"uid":-1}}}"#,
        #"{"ociVersion":"1.0.2","process":{"cwd":"/","user":{"uid":4294967296}}}"#,
    ])
    func aDocumentWithoutWhatItMustHaveIsRefused(_ text: String) {
        #expect(throws: DecodingError.self) { try decode(text) }
    }

    @Test func theLargestNumbersSurvive() throws {
        let text = #"{"ociVersion":"1.0.2","process":{"cwd":"/","rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":0}]}}"#
        #expect(try decode(text).process?.rlimits?.first?.hard == .max)
    }
}

@Suite struct ContainerStateTests {
    @Test func theStateIsWrittenAsRuncWritesIt() throws {
        let state = ContainerState(
            ociVersion: "1.0.2-dev", id: try ContainerID("c"), status: .running, pid: 42, bundle: "/b", rootfs: "/b/rootfs",
            created: "2026-01-02T03:04:05.000000006Z", owner: "", annotations: ["k": "v"])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(state), as: UTF8.self)
        let expected =
            #"{"annotations":{"k":"v"},"bundle":"/b","created":"2026-01-02T03:04:05.000000006Z","id":"c","ociVersion":"1.0.2-dev","owner":"","#
            + #""pid":42,"rootfs":"/b/rootfs","status":"running"}"#
        #expect(text == expected)
        #expect(try JSONDecoder().decode(ContainerState.self, from: Data(text.utf8)) == state)
    }

    @Test func aStoppedContainerHasPidZeroAndMayLeaveItOut() throws {
        let text = #"{"ociVersion":"1.0.2","id":"c","status":"stopped","bundle":"/b"}"#
        let state = try JSONDecoder().decode(ContainerState.self, from: Data(text.utf8))
        #expect(state.pid == 0)
        #expect(try object(try JSONEncoder().encode(state))["pid"] as? Int == 0)
    }

    @Test(arguments: [
        #"{"ociVersion":"1.0.2","id":"../x","status":"stopped","bundle":"/b"}"#,
        #"{"ociVersion":"1.0.2","id":"c","status":"dancing","bundle":"/b"}"#,
    ])
    func anImpossibleStateIsRefused(_ text: String) {
        #expect(throws: (any Error).self) { try JSONDecoder().decode(ContainerState.self, from: Data(text.utf8)) }
    }
}
