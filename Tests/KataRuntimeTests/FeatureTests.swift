// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataBundle
import KataOCI
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@testable import KataRuntime
@testable import KataSandbox

/// runtime-spec features.md: the runtime MUST recognise the names that it tells.
@Suite struct FeatureTests {
    @Test func whatIsToldIsTaken() async throws {
        let bytes = try encodeJSON(FeatureDocument(), pretty: false)
        let features = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let linux = try #require(features["linux"] as? [String: Any])
        let seccomp = try #require(linux["seccomp"] as? [String: Any])
        func names(_ object: [String: Any], _ member: String) throws -> [String] { try #require(object[member] as? [String]) }
        var rules: [[String: Any]] = try names(seccomp, "actions").map { ["names": ["read"], "action": $0] }
        rules += try names(seccomp, "operators").map {
            ["names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [["index": 0, "value": 0, "op": $0] as [String: Any]]]
        }
        let hooks = try names(features, "hooks")
        #expect(hooks.count == 6)
        let capabilities = try names(linux, "capabilities")
        for version in ["ociVersionMin", "ociVersionMax"] {
            let document: [String: Any] = [
                "ociVersion": try #require(features[version] as? String), "root": ["path": "rootfs"],
                "process": ["args": ["true"], "cwd": "/", "capabilities": ["bounding": capabilities]] as [String: Any],
                "hooks": Dictionary(uniqueKeysWithValues: hooks.map { ($0, [["path": "/bin/true"]]) }),
                "linux": [
                    "namespaces": try names(linux, "namespaces").map { ["type": $0] },
                    "uidMappings": [["containerID": 0, "hostID": 0, "size": 1]],
                    "gidMappings": [["containerID": 0, "hostID": 0, "size": 1]],
                    "seccomp": [
                        "defaultAction": "SCMP_ACT_ALLOW", "flags": try names(seccomp, "knownFlags"), "syscalls": rules,
                        "architectures": try names(seccomp, "archs"),
                    ] as [String: Any],
                ] as [String: Any],
            ]
            try await withTemporaryDirectory { directory in
                try FileSystem.makeDirectory(directory.appending("rootfs"))
                try AtomicFile.write(Array(JSONSerialization.data(withJSONObject: document)), to: directory.appending("config.json"))
                let bundle = try Bundle.load(directory)
                try bundle.checkForGuest()
                #expect(bundle.unappliedParts == [])
                #expect(bundle.spec.hooks?.startContainer?.count == 1 && bundle.spec.hooks?.createContainer?.count == 1)
            }
        }
    }
}
