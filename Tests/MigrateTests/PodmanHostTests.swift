// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// podman, which is told of the new runtime in its own file and restarts nothing.
@Suite(.needs(.root)) struct PodmanHostTests {
    private let host = HostFixture.kataDocker
    private static let path = "etc/containers/containers.conf"
    private static let text = "[engine.runtimes]\nkata = [\"/usr/bin/kata-runtime\"]  # pods of the night\ncrun = [\"/usr/bin/crun\"]\n"

    private func configure(_ root: FilePath) throws {
        try FileSystem.makeDirectory(root.appending("etc/containers"))
        try AtomicFile.write(Array(Self.text.utf8), to: root.appending(Self.path), mode: 0o644)
    }

    @Test func itsNameLeadsToTheNewRuntimeAndBack() throws {
        try host.withLab { lab in
            try configure(lab.root)
            let before = try contents(of: lab.root)
            let plan = try lab.plan()
            let step = try #require(plan.steps.first { $0.kind == .registerRuntime && $0.object.hasSuffix("containers.conf") })
            #expect(!plan.steps.contains { $0.kind == .restartEngine && $0.object.contains("podman") })
            #expect(step.reason == "podman calls the new runtime under the name kata")
            #expect(plan.preflight.contains { $0.code == "PRE030" && $0.message.hasSuffix("before it reads it") })
            try lab.apply()
            let after = String(decoding: try FileSystem.read(lab.root.appending(Self.path)), as: UTF8.self)
            #expect(after == Self.text.replacing("/usr/bin/kata-runtime", with: "/usr/local/bin/kata-runtime"))
            try lab.rollBack()
            #expect(difference(before, try contents(of: lab.root)) == "")
        }
    }

    /// podman stop calls the path that the name leads to.
    @Test func itStaysWhileAContainerOfPodmansRuns() throws {
        let node = HostFixture.kataCRIO
        try node.withTree { root in
            try configure(root)
            try HostFixture.givePods(of: root, to: "/var/lib/containers/storage")
            let plan = try node.plan(root, running: .recreate)
            #expect(!plan.steps.contains { $0.object.hasSuffix("containers.conf") })
            func isLeft(_ plan: Plan) -> Bool {
                plan.leftInPlace.contains { $0.what == "podman's registrations" && $0.why.contains("would be lost to podman stop") }
            }
            #expect(isLeft(plan))
            try AtomicFile.write(Array("[engine.runtimes]\ncrun = [\"/usr/bin/crun\"]\n".utf8), to: root.appending(Self.path), mode: 0o644)
            #expect(!isLeft(try node.plan(root, running: .recreate)), "there is nothing to leave")
        }
    }
}
