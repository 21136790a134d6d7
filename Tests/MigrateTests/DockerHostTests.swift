// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// Where docker keeps its containers is said in daemon.json, or on the command line that its unit puts together.
@Suite(.needs(.root)) struct DockerHostTests {
    private let host = HostFixture.clearContainersDocker
    private let data: FilePath = "/srv/docker"

    enum Place: CaseIterable { case dropIn, variable, fileOfUnit, initScript }

    /// Runs `body` on the host with docker's data elsewhere, and more options on its command line.
    private func withDocker(_ options: String, said place: Place = .dropIn, _ body: (FilePath) throws -> Void) throws {
        try host.withTree { root in
            try FileSystem.makeDirectory(root.appending("srv"))
            try FileSystem.rename(root.appending("var/lib/docker"), to: root.pushing(data.removingRoot()))
            let dropIn = root.appending("etc/systemd/system/docker.service.d/clear-containers.conf")
            let text = String(decoding: try FileSystem.read(dropIn), as: UTF8.self)
            func write(_ text: String, _ path: FilePath) throws {
                try FileSystem.makeDirectory(path.removingLastComponent())
                try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
            }
            switch place {
            case .dropIn: try write(text.replacing("dockerd -D", with: "dockerd -D \(options)"), dropIn)
            case .variable:
                let named = text.replacing("dockerd -D", with: "dockerd -D $MORE")
                try write(named.replacing("ExecStart=\n", with: "Environment=\"MORE=\(options)\"\nExecStart=\n"), dropIn)
            case .fileOfUnit:
                let named = text.replacing("dockerd -D", with: "dockerd -D $OPTIONS")
                try write(named.replacing("ExecStart=\n", with: "EnvironmentFile=-/etc/sysconfig/docker\nExecStart=\n"), dropIn)
                try write("OPTIONS='\(options)'\n", root.appending("etc/sysconfig/docker"))
            case .initScript:
                for path in ["etc/systemd/system/docker.service.d", "lib/systemd/system/docker.service"] {
                    try FileSystem.removeTree(root.appending(path))
                }
                try write(
                    "# DOCKER_OPTS=\"-g /nowhere\"\nDOCKER_OPTS=\"\(options) --add-runtime cc-runtime=/usr/bin/cc-runtime\"\n",
                    root.appending("etc/default/docker"))
            }
            try body(root)
        }
    }

    @Test(
        arguments: [
            "-g /srv/docker", "-g=/srv/docker", "-g/srv/docker", "--graph /srv/docker", "--graph=/srv/docker", "--data-root /srv/docker",
            "--data-root=/srv/docker",
        ], Place.allCases)
    func theDirectoryOnTheCommandLineIsTheOneWithTheContainers(options: String, place: Place) throws {
        try withDocker(options, said: place) { root in
            let scan = try host.scan(root)
            #expect(scan.docker?.dataRoot == data)
            #expect(scan.docker?.containers.map(\.name).sorted() == ["billing", "metrics", "rotate"])
            #expect(scan.docker?.engine.legacyRegistrations.map(\.runtimeName) == ["cc-runtime"])
            #expect(scan.sandboxes.map(\.owner.title).sorted() == ["docker container billing", "docker container rotate", "nobody"])
        }
    }

    @Test(arguments: ["", "-g docker", "--group /srv/docker", "-G /srv/docker"]) func otherOptionsSayNothingOfIt(options: String) throws {
        try withDocker(options) { root in
            let docker = try #require(try host.scan(root).docker)
            #expect(docker.dataRoot == "/var/lib/docker")
        }
    }

    @Test(arguments: [("--live-restore", true), ("--live-restore=true", true), ("--live-restore=false", false), ("-D", false)])
    func whetherContainersOutliveDockerIsSaidThereToo(options: String, isSo: Bool) throws {
        try withDocker("--data-root=/srv/docker \(options)") { root in
            let docker = try #require(try host.scan(root).docker)
            #expect(docker.keepsContainersRunning == isSo)
        }
    }

    @Test func theFileThatIsNamedIsReadInPlaceOfTheUsualOne() throws {
        try withDocker("--config-file=/etc/docker/other.json") { root in
            let json = """
                {"data-root": "/srv/docker", "live-restore": true, "runtimes": {"cor": {"path": "/usr/bin/cc-oci-runtime"}}}
                """
            try AtomicFile.write(Array(json.utf8), to: root.appending("etc/docker/other.json"), mode: 0o644)
            let docker = try #require(try host.scan(root).docker)
            #expect(docker.dataRoot == data && docker.keepsContainersRunning && docker.containers.count == 3)
            #expect(docker.engine.defaultRuntime == "runc", "the usual one says cc-runtime")
            let plan = try host.plan(root, running: .leave)
            let check = try #require(plan.steps.first { $0.kind == .checkConfiguration })
            guard case .check(.docker, let path, _)? = check.changes.first else {
                Issue.record("\(check.changes)")
                return
            }
            #expect(path == "/etc/docker/other.json")
        }
    }
}
