// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("engine registrations")
struct EngineTests {
    static let cases = [Engine.containerd, .crio, .kubelet, .podman].flatMap { engine in EngineCase.cases(of: engine).map { (engine, $0) } }

    @Test("each case is read, reported and edited as recorded", arguments: cases)
    func golden(_ engine: Engine, _ directory: CaseDirectory) throws {
        #expect(directory.has("ORIGIN"))
        let sample = try EngineCase(directory, engine)
        try directory.expect(sample.report, at: "expected.txt")
        let sources = Dictionary(uniqueKeysWithValues: sample.sources.map { ($0.path, $0) })
        try directory.expect(
            render(sample.result.diagnostics, sources: sources, as: .text, tool: "compat", pages: Engines.pages),
            at: "expected-diagnostics.txt")
    }

    @Test(
        "a changed program is read back as given and called as runc is, names and defaults stay, a second time changes nothing",
        arguments: cases)
    func editsReadBack(_ engine: Engine, _ directory: CaseDirectory) throws {
        var sample = try EngineCase(directory, engine)
        guard !sample.result.hasErrors else { return }
        let target: FilePath = "/opt/new/bin/kata-runtime"
        let (before, defaults) = (sample.found, sample.result.partial?.defaults.map(\.runtimeName))
        let edits = try sample.edits(to: target)
        sample.sources = try sample.sources.map { source in
            let bytes = try #require(source.applying(edits))
            return SourceText(path: source.path, bytes: bytes)
        }
        let names = sample.found.map(\.runtimeName)
        for registration in before { #expect(names.contains(registration.runtimeName)) }
        for registration in sample.found {
            #expect(registration.binaryPath == target, "\(registration)")
            #expect(registration.convention == .commandLine)
            #expect(registration.isDefault == before.first { $0.runtimeName == registration.runtimeName }?.isDefault ?? false)
        }
        #expect(sample.result.partial?.defaults.map(\.runtimeName) == defaults)
        #expect(!sample.result.hasErrors)
        let again = try sample.edits(to: target)
        for source in sample.sources { #expect(source.applying(again) == source.bytes) }
    }

    @Test("whatever the files hold, an edit finds its place in them", arguments: 0..<20)
    func damage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        for (engine, directory) in Self.cases {
            var sample = try EngineCase(directory, engine)
            sample.sources = sample.sources.map { SourceText(path: $0.path, bytes: random.damaged($0.bytes)) }
            guard let edits = try? sample.edits(to: "/usr/bin/new") else { continue }
            for source in sample.sources { #expect(source.applying(edits) != nil, "\(engine) \(directory) \(seed)") }
        }
    }

    @Test("each file of a case is known for its engine's, and read alone as such", arguments: cases)
    func recognised(_ engine: Engine, _ directory: CaseDirectory) throws {
        for source in try EngineCase(directory, engine).sources {
            let (found, _) = try #require(Engines.read(source), "\(source.path)")
            #expect(found.engine == engine, "\(source.path)")
        }
    }

    @Test("every finding has a page with its severity, and each code occurs in a case")
    func pages() throws {
        let findings = try Self.cases.flatMap { try EngineCase($0.1, $0.0).result.diagnostics }
        let pages = Engines.pages + TOMLDocument.pages + TOMLDocument.oldPages + SystemdUnitDocument.pages
        for finding in findings { #expect(pages.first { $0.code == finding.code }?.severity == finding.severity, "\(finding)") }
        let expected = (Containerd.pages + CRIO.pages + Kubelet.pages + Podman.pages).map(\.code)
        #expect(Set(expected).subtracting(findings.map(\.code)).isEmpty)
    }

    @Test(
        "files of others are no engine's",
        arguments: [
            ("/etc/kata-containers/configuration.toml", "[hypervisor.qemu]\npath = \"/usr/bin/qemu\"\n"),
            ("/etc/systemd/system/cc-proxy.service", "[Service]\nExecStart=/usr/libexec/clear-containers/cc-proxy\n"),
            ("/a/pod.json", "{\"kind\": \"Pod\"}"), ("/etc/hyper/config", "Kernel=/var/lib/hyper/kernel\n"), ("/a/empty", ""),
            ("/a/binary", "\u{0}\u{1}\u{2}"),
        ])
    func others(_ path: String, _ text: String) {
        #expect(Engines.recognise(SourceText(path: FilePath(path), text: text)) == nil)
    }

    @Test(
        "a new runtime is registered in the words of the file's version",
        arguments: [
            (
                "",
                "[plugins.cri.containerd.runtimes.kata]\nruntime_type = \"io.containerd.runc.v2\"\npod_annotations = [\"io.katacontainers.*\"]\n"
            ),
            (
                "version = 2\n",
                "version = 2\n\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.kata]\n"
                    + "runtime_type = \"io.containerd.runc.v2\"\npod_annotations = [\"io.katacontainers.*\"]\n"
            ),
            (
                "version = 3\n",
                "version = 3\n\n[plugins.\"io.containerd.cri.v1.runtime\".containerd.runtimes.kata]\n"
                    + "runtime_type = \"io.containerd.runc.v2\"\npod_annotations = [\"io.katacontainers.*\"]\n"
            ),
        ])
    func registering(_ before: String, _ start: String) throws {
        let source = SourceText(path: "/etc/containerd/config.toml", text: before)
        let edits = try Containerd.edits(
            registering: "kata", path: "/usr/bin/kata-runtime", annotations: ["io.katacontainers.*"], in: source)
        let bytes = try #require(source.applying(edits))
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(start), "\(String(decoding: bytes, as: UTF8.self))")
        let found = try #require(Containerd.registrations(root: SourceText(path: source.path, bytes: bytes)).value?.registrations.first)
        #expect(found.runtimeName == "kata" && found.binaryPath == "/usr/bin/kata-runtime" && found.convention == .commandLine)
    }

    @Test("a new runtime is registered with docker and CRI-O")
    func registeringElsewhere() throws {
        let json = SourceText(path: "/etc/docker/daemon.json", text: "{\n  \"runtimes\": {\"x\": {\"path\": \"/x\"}}\n}\n")
        let edits = try Docker.edits(registering: "kata", path: "/k", arguments: ["--log", "/l"], asDefault: true, in: json)
        let written = SourceText(path: json.path, bytes: try #require(json.applying(edits)))
        let docker = try #require(Docker.parseDaemonFile(written).value)
        #expect(docker.registrations.map(\.runtimeName) == ["x", "kata"] && docker.registrations[1].arguments == ["--log", "/l"])
        #expect(docker.registrations.map(\.isDefault) == [false, true])
        let conf = SourceText(path: "/etc/crio/crio.conf", text: "[crio.runtime]\nconmon = \"\"\n")
        let more = try CRIO.edits(registering: "kata", path: "/k", in: conf)
        let made = try #require(conf.applying(more))
        #expect(
            String(decoding: made, as: UTF8.self)
                == "[crio.runtime]\nconmon = \"\"\n\n[crio.runtime.runtimes.kata]\nruntime_path = \"/k\"\nruntime_type = \"oci\"\n")
    }

    @Test(
        "imports mean what filepath.Match says",
        arguments: [
            ("/etc/containerd/conf.d/*.toml", "/etc/containerd/conf.d/a.toml", true), ("/a/*.toml", "/a/b/c.toml", false),
            ("/a/*.toml", "/a/b.tom", false), ("/a/?[b-d]*", "/a/xcyz", true), ("/a/?[^b-d]*", "/a/xc", false),
            ("/a/*b*c", "/a/xbxbc", true),
            ("/a/**", "/a/", false), ("/a/\\*", "/a/*", true), ("/a/[", "/a/[", false),
        ])
    func imports(_ pattern: String, _ path: String, _ matches: Bool) {
        #expect(Containerd.matches(FilePath(path), FilePath(pattern)) == matches)
    }

    @Test("files of engines that the old systems shipped are known and read without error", .needs(.corpus))
    func corpus() throws {
        var known: [Engine] = []
        for directory in ["clear-containers/engine", "clear-containers/systemd", "runv/registration"] {
            let root = Corpus.root.pushing(FilePath(directory))
            for name in try FileSystem.list(root) {
                let source = SourceText(path: FilePath("/a").appending(name), bytes: try FileSystem.read(root.appending(name)))
                guard let (found, parsed) = Engines.read(source) else {
                    #expect(name.contains("proxy") || name.contains("hyper-config") || name.contains("pod"), "\(name)")
                    continue
                }
                known.append(found.engine)
                #expect(!parsed.hasErrors, "\(name): \(parsed.diagnostics)")
                if found.engine != .crio { #expect(parsed.value?.registrations.count == 1, "\(name)") }
            }
        }
        #expect(Set(known) == [.docker, .containerd, .crio])
    }

    @Test("a configuration of a megabyte is edited as a small one is")
    func large() throws {
        let source = Self.largeConfiguration(bytes: 1 << 20)
        let found = try #require(Containerd.registrations(root: source).value?.registrations.last)
        let edits = try [found].edits(changingPathTo: { _ in "/usr/bin/new" }, in: [source])
        let bytes = try #require(source.applying(edits))
        let again = try #require(Containerd.registrations(root: SourceText(path: source.path, bytes: bytes)).value?.registrations)
        #expect(again.last?.binaryPath == "/usr/bin/new" && again.filter { $0.binaryPath == "/usr/bin/new" }.count == 1)
    }

    /// A configuration of version 2 with as many runtimes as it takes.
    static func largeConfiguration(bytes: Int) -> SourceText {
        var text = "version = 2\n\n[plugins]\n  [plugins.\"io.containerd.grpc.v1.cri\".containerd]\n    default_runtime_name = \"runc0\"\n"
        var number = 0
        while text.utf8.count < bytes {
            text += """
                      # runtime \(number)
                      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc\(number)]
                        runtime_type = "io.containerd.runc.v2"
                        pod_annotations = ["io.katacontainers.*", "io.example.\(number)"]
                        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc\(number).options]
                          BinaryName = "/opt/runc/\(number)/bin/runc"

                """
            number += 1
        }
        return SourceText(path: "/etc/containerd/config.toml", text: text)
    }
}
