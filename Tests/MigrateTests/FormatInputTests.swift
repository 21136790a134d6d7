// SPDX-License-Identifier: Apache-2.0

import Compat
import Glibc
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// What no configuration is, under the name of each format: every dialect, every file of an engine, manifests and pod files.
@Suite struct FormatInputTests {
    /// A small sound file of each format, by the path by which it is known.
    private static let samples: [(path: String, text: String)] = [
        ("clear-containers/configuration.toml", "[hypervisor.qemu]\ndefault_memory = 512\n[proxy.cc]\npath = \"/p\"\n[shim.cc]\n"),
        (
            "a/cc-oci-runtime/vm.json",
            "{\"vm\": {\"path\": \"/q\", \"image\": \"/i\", \"kernel\": {\"path\": \"/k\", \"parameters\": \"a=b\"}}}\n"
        ),
        ("b/cc-oci-runtime/hypervisor.args", "/usr/bin/q\n-m\n2G,slots=2\n-append\n@KERNEL_PARAMS@\n"),
        ("c/cc-oci-runtime/cc-oci-runtime.sh.cfg", "# mine\n--debug\n--root\n'/run/a b'\n"),
        ("hyper/config", "Kernel=/k\nInitrd=`/i`\nVmFactoryPolicy={\"cpu\":1,\"memory\":256}\n[Log]\nPodIdInPath=true\n"),
        ("frakti.service", "[Service]\nExecStart=/usr/bin/frakti --cpu=2 \\\n  --memory=256 \"--listen=/a b\"\n"),
        ("wrapper.sh", "#!/bin/sh\nA='--default_memory 256'\nexec /usr/local/bin/runv --debug $A \"$@\"\n"),
        ("bundle/config.json", "{\"process\": {\"env\": [\"hypervisor.kernel=/k\", \"A=b\"]}}\n"),
        ("kata-containers/configuration.toml", "[hypervisor.qemu]\npath = '/q'\ndefault_vcpus = 2\n[agent.kata]\ndial_timeout = 45\n"),
        (
            "runtime-rs/configuration.toml",
            "[hypervisor.qemu]\npath = '/q'\n[agent.kata]\nreconnect_timeout_ms = 3000\n[runtime]\nname = 'x'\n"
        ),
        (
            "docker/daemon.json",
            "{\"runtimes\": {\"cc\": {\"path\": \"/usr/bin/cc-runtime\", \"runtimeArgs\": [\"--x\"]}}, \"debug\": true}\n"
        ),
        ("docker.service.d/cc.conf", "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -D --add-runtime cor=/usr/bin/cc-oci-runtime\n"),
        ("default/docker", "DOCKER_OPTS=\"--add-runtime cc=/usr/bin/cc-runtime -D\"\n"),
        ("containerd/config.toml", "version = 2\n[plugins.cri.containerd.runtimes.cc]\nruntime_type = 'x'\n[debug]\nlevel = \"info\"\n"),
        ("containerd.service.d/a.conf", "[Service]\nExecStart=/usr/bin/containerd --config /etc/c.toml\n"),
        ("crio/crio.conf", "[crio.runtime]\nruntime = '/usr/bin/runc'\nruntime_untrusted_workload = '/usr/bin/cc-runtime'\n"),
        ("crio.service.d/a.conf", "[Service]\nExecStart=/usr/bin/crio --runtime /usr/bin/cc-runtime\n"),
        ("kubelet.service.d/a.conf", "[Service]\nEnvironment=\"K=--container-runtime=frakti\"\nExecStart=/usr/bin/kubelet $K\n"),
        ("default/kubelet", "KUBELET_EXTRA_ARGS=--container-runtime=remote\n"),
        (
            "kubelet/config.yaml",
            "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncontainerRuntimeEndpoint: unix:///run/x.sock\n"
        ),
        ("containers/containers.conf", "[engine.runtimes]\ncc = [\"/usr/bin/cc-runtime\"]\ncrun = ['/usr/bin/crun']\n"),
        (
            "pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {annotations: {io.kubernetes.cri.untrusted-workload: \"true\"}}\nspec: {a: &x [b]}\n"
        ),
        (
            "web.pod",
            "{\"id\": \"w\", \"containers\": [{\"name\": \"n\", \"image\": \"nginx\"}], \"resource\": {\"vcpu\": 1, \"memory\": 128}}\n"
        ),
    ]

    private static func conversion(_ path: String, _ bytes: some Sequence<UInt8>) -> Conversion {
        Conversion(of: SourceText(path: FilePath("/etc/\(path)"), bytes: Array(bytes)), layout: TargetLayout())
    }

    @Test func everyFormatHasASample() {
        let found = Self.samples.map { Self.conversion($0.path, $0.text.utf8) }
        #expect(found.allSatisfy { $0.title != nil })
        let dialects = Set(found.compactMap { $0.translation?.dialect })
        // The generations of Kata's Go runtime differ by keys alone.
        let expected = Set(Registry.dialects.map(\.id)).subtracting(KataGo.dialects.map(\.id)).union([KataGo.dialects[3].id])
        #expect(expected.subtracting(dialects).subtracting([RuntimeRS.id]) == [])
        let edited = Set(found.compactMap { if case .edited(let format, _) = $0.outcome { format.name } else { nil } })
        #expect(Set(EditableFormat.all.map(\.name)).subtracting(edited).subtracting(["containerd-script"]) == [])
    }

    /// Cut off anywhere a file is sound, or says where it is not.
    @Test(arguments: samples.indices) func aFileThatIsCutOffAnywhereIsRead(index: Int) {
        let (path, text) = Self.samples[index]
        let bytes = Array(text.utf8)
        for count in bytes.indices {
            let conversion = Self.conversion(path, bytes.prefix(count))
            for finding in conversion.diagnostics {
                #expect(finding.path != nil && finding.range.map { $0.offsets.upperBound <= count } != false, "\(count): \(finding)")
            }
            if conversion.bytes == nil { #expect(conversion.diagnostics.contains { $0.severity == .error }, "\(count)") }
        }
    }

    private static let contents: [(name: String, make: @Sendable (String) -> [UInt8])] = [
        ("binary", { _ in (0..<8_000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 / 251) } }),
        ("zeros", { _ in [UInt8](repeating: 0, count: 100_000) }),
        ("deep arrays", { _ in Array(String(repeating: "[", count: 20_000).utf8) }),
        ("deep objects", { _ in Array(String(repeating: "{\"a\":", count: 10_000).utf8) }),
        ("deep blocks", { _ in Array(String(repeating: "- ", count: 10_000).utf8) }),
        ("deep lines", { _ in (0..<300).flatMap { String(repeating: " ", count: $0).utf8 + Array("a:\n".utf8) } }),
        ("open quotes", { text in Array(text.utf8) + Array(String(repeating: "\"'`", count: 10_000).utf8) }),
        ("no end of line", { text in Array(text.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 18) }),
        ("many lines", { text in Array(text.utf8) + (0..<2_000).flatMap { Array("k\($0)=1\n".utf8) } }),
        ("not UTF-8", { text in Array(text.utf8) + [0xC3, 0x28, 0xFF, 0x0A] }),
        ("BOM", { text in [0xEF, 0xBB, 0xBF] + Array(text.utf8) }),
        ("UTF-16", { text in text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } }),
        ("CRLF", { text in Array(text.replacing("\n", with: "\r\n").utf8) }),
        ("twice", { text in Array((text + text).utf8) }),
    ]

    /// All formats in one run of the program: none ends it, and each file is named in the report or is sound.
    @Test(.enabled(if: CommandTests.isBuilt, "needs kata-migrate beside the tests"), arguments: contents.indices)
    func strangeContentsOfEveryFormatAreReported(index: Int) async throws {
        let (name, make) = Self.contents[index]
        try await withTemporaryDirectory { directory in
            let paths = try Self.samples.map { sample in
                let path = directory.pushing(FilePath(sample.path))
                try FileSystem.makeDirectory(path.removingLastComponent())
                try AtomicFile.write(make(sample.text), to: path, mode: 0o644)
                return path
            }
            for command in ["check", "convert"] {
                let result = try await Self.run(command, paths)
                let report = command == "check" ? result.text : result.errorText
                guard case .exited(let status) = result.status, [0, 1, 2].contains(status) else {
                    Issue.record("\(name), \(command): \(result.status) \(result.errorText.prefix(500))")
                    continue
                }
                #expect(result.output.count < 4 << 20, "\(name): a report is for people")
                for (path, sample) in zip(paths, Self.samples) where !report.contains("\(path):") {
                    let conversion = Self.conversion(sample.path, make(sample.text))
                    #expect(
                        conversion.bytes != nil && conversion.diagnostics == [], "\(name), \(command): \(path) is passed over in silence")
                }
            }
        }
    }

    /// Far more than sound files take, and far less than readers without bounds would.
    private static func run(_ command: String, _ paths: [FilePath]) async throws -> ProgramResult {
        try await runProgram(
            "/bin/sh",
            ["-c", "ulimit -v 2097152; ulimit -t 60; program=$0; exec \"$program\" \"$@\"", CommandTests.program.string, command]
                + paths.map(\.string),
            environment: ["PATH=/usr/bin:/bin"], timeout: .seconds(120))
    }
}
