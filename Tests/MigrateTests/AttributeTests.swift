// SPDX-License-Identifier: Apache-2.0

import CLinux
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// What is beside the bytes of a file: extended attributes and access lists, asked of the kernel itself.
@Suite(.needs(.root)) struct AttributeTests {
    private struct Attribute {
        let path: String
        let name: String
        let value: [UInt8]

        func set(below root: FilePath) throws {
            let place = root.appending(path).string
            try syscall("setxattr", place) { cl_set_attribute(place, name, value, value.count) }
        }

        func current(below root: FilePath) -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = Int(cl_get_attribute(root.appending(path).string, name, &buffer, buffer.count))
            return count < 0 ? nil : Array(buffer.prefix(count))
        }
    }

    private static let record = "var/lib/virtcontainers/pods/nightly-report"
    private static let dropIn = "etc/systemd/system/docker.service.d/clear-containers.conf"
    /// Version 2, then tag, permissions and id of each entry: the owner, user 1000, the group, the mask, and all others (acl(5)).
    private static let accessList: [UInt8] = {
        let entries: [(tag: UInt8, permissions: UInt8, id: [UInt8])] = [
            (1, 6, [255, 255, 255, 255]), (2, 4, [232, 3, 0, 0]), (4, 4, [255, 255, 255, 255]), (16, 4, [255, 255, 255, 255]),
            (32, 0, [255, 255, 255, 255]),
        ]
        return entries.reduce([2, 0, 0, 0]) { $0 + [$1.tag, 0, $1.permissions, 0] + $1.id }
    }()
    /// Of a file that is edited, a directory that is moved, a file in it, and a link that is removed.
    private static let attributes = [
        Attribute(path: dropIn, name: "trusted.origin", value: Array("puppet".utf8)),
        Attribute(path: dropIn, name: "system.posix_acl_access", value: accessList),
        Attribute(path: record, name: "trusted.origin", value: Array("by hand".utf8)),
        Attribute(path: record + "/config.json", name: "trusted.empty", value: []),
        Attribute(
            path: "etc/systemd/system/multi-user.target.wants/cc-ksm-throttler.service", name: "trusted.link", value: Array("yes".utf8)),
    ]

    @Test func rollbackGivesThemBack() throws {
        try HostFixture.clearContainersDocker.withLab { lab in
            for attribute in Self.attributes { try attribute.set(below: lab.root) }
            let before = try contents(of: lab.root)
            #expect(before.contains { $0.contains("trusted.origin") } && before.contains { $0.contains("posix_acl_access") })
            try lab.apply()
            for attribute in Self.attributes {
                // An edit changes what it says and no more; what was moved or removed is away.
                #expect((attribute.current(below: lab.root) == attribute.value) == (attribute.path == Self.dropIn), "\(attribute)")
            }
            try lab.rollBack()
            for attribute in Self.attributes { #expect(attribute.current(below: lab.root) == attribute.value, "\(attribute)") }
            #expect(difference(before, try contents(of: lab.root)) == "")
        }
    }
}
