// SPDX-License-Identifier: Apache-2.0

import Compat
import KataText
import SystemPackage
import Testing

/// containers.conf(5) and libpod.conf(5).
@Suite("podman") struct PodmanTests {
    private static let current = SourceText(
        path: "/etc/containers/containers.conf",
        text: """
            [engine]
            runtime = "kata"
            [engine.runtimes]
            # the first that is there
            kata = ["/usr/bin/kata-runtime", "/usr/local/bin/kata-runtime"]  # keep
            crun = ["/usr/bin/crun"]

            """)

    @Test("what stands first in a list is what podman calls, and the last file counts")
    func reading() throws {
        let old = SourceText(
            path: "/etc/containers/libpod.conf",
            text: "runtime = \"runc\"\n[runtimes]\nrunc = [\"/usr/bin/runc\"]\ncrun = [\"/old/crun\"]\n")
        let read = Podman.registrations([old, Self.current])
        let found = try #require(read.value)
        #expect(
            found.registrations.map { "\($0.runtimeName) \($0.binaryPath) \($0.isDefault)" } == [
                "runc /usr/bin/runc false", "kata /usr/bin/kata-runtime true", "crun /usr/bin/crun false",
            ])
        #expect(read.diagnostics.isEmpty)
    }

    @Test("an edit changes the one path and nothing else")
    func editing() throws {
        let found = try #require(Podman.registrations([Self.current]).value)
        let kata = found.registrations.filter { $0.runtimeName == "kata" }
        let edits = try kata.edits(changingPathTo: { _ in "/opt/new" }, droppingArguments: { _ in false }, in: [Self.current])
        let text = String(decoding: try #require(Self.current.applying(edits)), as: UTF8.self)
        let before = String(decoding: Self.current.bytes, as: UTF8.self)
        #expect(text == before.replacing("\"/usr/bin/kata-runtime\"", with: "\"/opt/new\""))
    }

    @Test(
        "what podman does not start with is located",
        arguments: ["kata = \"/usr/bin/kata-runtime\"", "kata = []", "kata = [3]", "kata = 1"])
    func mistakes(line: String) {
        let read = Podman.registrations([SourceText(path: "/etc/containers/containers.conf", text: "[engine.runtimes]\n\(line)\n")])
        #expect(read.diagnostics.map(\.code) == ["PODMAN001"] && read.diagnostics[0].range?.start.line == 2)
        #expect(read.partial?.registrations.isEmpty ?? true)
    }

    @Test("its files are known by their names, or by their table")
    func recognition() {
        for path in ["/etc/containers/containers.conf", "/etc/containers/containers.conf.d/10-kata.conf", "/x/libpod.conf"] {
            #expect(Engines.recognise(SourceText(path: FilePath(path), text: ""))?.engine == .podman, "\(path)")
        }
        #expect(Engines.recognise(SourceText(path: "some.toml", text: "[engine.runtimes]\nkata = [\"/x\"]\n"))?.engine == .podman)
        #expect(Engines.recognise(SourceText(path: "/etc/containers/storage.conf", text: "[storage]\n")) == nil)
    }
}
