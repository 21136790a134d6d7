// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("reading Clear Containers 2")
struct ClearContainersV2Tests {
    private static let directory = FilePath("/etc/cc-oci-runtime")

    private func translation(_ files: [String: String], release: ClosedRange<Release>? = nil) -> Translation {
        let sources = files.sorted { $0.key < $1.key }.map { SourceText(path: Self.directory.appending($0.key), text: $0.value) }
        return ClearContainersV2.dialect.translation(of: sources, assets: ClearContainersV3GoldenTests.assets, release: release)
    }

    private func value(_ name: String, _ translation: Translation) -> ConfigValue? {
        translation.document.value(of: TargetKey(.hypervisor, name))
    }

    @Test("a line of blanks or an indented comment is an empty argument, an empty line and a comment at the start are none")
    func emptyArguments() {
        let read = HypervisorArguments(reading: SourceText(path: "a", text: "/q\n\n# a\n  \n\t# b\n-x # c\n"))
        #expect(read.arguments.map(\.text) == ["/q", "-x"])
        #expect(read.emptyArguments.map(\.start.line) == [4, 5])
    }

    @Test("options are paired as QEMU did, with one dash or two, and two commas are one")
    func options() {
        let read = HypervisorArguments(reading: SourceText(path: "a", text: "/q\n--M\npc\n-nographic\n-name\na,,b,c=d\n/disk\n-m\n"))
        #expect(read.options.map(\.name) == ["machine", "nographic", "name", "", "m"])
        #expect(read.options.map(\.value?.text) == ["pc", nil, "a,,b,c=d", "/disk", nil])
        #expect(read.options[2].items(implied: "guest").map(\.text) == ["a,b", "c=d"])
    }

    @Test(
        "sizes and processors are what QEMU took them for",
        arguments: [
            ("-m\n512", nil, 512), ("-m\n1G,slots=2", nil, 1024), ("-smp\n4", 4, 128), ("-smp\nsockets=2,cores=3", 6, 128),
            ("-smp\n2,sockets=1,cores=2,threads=1", 2, 128), ("-smp\n1", 1, 128), ("-cpu\nhost", nil, 128),
        ] as [(String, Int64?, Int64)])
    func sizes(_ text: String, _ processors: Int64?, _ memory: Int64) {
        let made = translation(["hypervisor.args": "/q\n\(text)\n"])
        #expect(value("default_vcpus", made) == processors.map { .integer($0) })
        #expect(value("default_memory", made) == .integer(memory))
    }

    @Test("without hypervisor.args the packaged one counts")
    func packagedSizes() {
        #expect(value("default_vcpus", translation(["cc-oci-runtime.sh.cfg": ""])) == .integer(2))
        #expect(value("default_memory", translation(["cc-oci-runtime.sh.cfg": ""])) == nil)
    }

    @Test("only the parameters that an administrator added are carried, in the order of the kernel's line")
    func parameters() {
        let packaged = try? CaseDirectory.all(in: "clear-containers/2.x").first { $0.testDescription == "packaged-2.2" }?.read(
            "kernel-cmdline")
        let line = String(decoding: packaged ?? [], as: UTF8.self).split(separator: "\n").first ?? ""
        let vm = #"{"vm": {"path": "/q", "image": "/i", "kernel": {"path": "/k", "parameters": "\#(line) a=1"}}}"#
        let made = translation(["vm.json": vm, "hypervisor.args": "/q\n-append\n@KERNEL_PARAMS@ b=2\n"])
        #expect(value("kernel_params", made) == .string("a=1 b=2"))
        let own = vm.replacing(line, with: "quiet")
        #expect(value("kernel_params", translation(["vm.json": own])) == .string("quiet a=1"))
        let untouched = vm.replacing(" a=1", with: "")
        #expect(value("kernel_params", translation(["vm.json": untouched])) == nil)
    }

    @Test("a release refused the flags of later ones")
    func laterFlags() {
        let early = Release(2, 0, 1)...Release(2, 0, 1)
        #expect(translation(["cc-oci-runtime.sh.cfg": "--shim-path\n/s\n"], release: early).hasErrors)
        #expect(!translation(["cc-oci-runtime.sh.cfg": "--shim-path\n/s\n"]).hasErrors)
    }

    @Test("what releases differed in is written when the release is known, and named when it is not")
    func differences() {
        func driver(_ release: ClosedRange<Release>?) -> ConfigValue? {
            value("block_device_driver", translation(["cc-oci-runtime.sh.cfg": ""], release: release))
        }
        #expect(driver(Release(2, 2, 1)...Release(2, 2, 1)) == .string("virtio-blk"))
        #expect(driver(Release(2, 1, 1)...Release(2, 1, 1)) == nil)
        #expect(driver(nil) == nil)
        let unknown = translation(["cc-oci-runtime.sh.cfg": ""])
        #expect(unknown.diagnostics.contains { $0.notes.contains { $0.hasPrefix("from 2.2.0 on disks") } })
    }

    @Test("of each name the first file that is there is in use")
    func filesInUse() {
        let there: Set<FilePath> = [
            "/etc/cc-oci-runtime/vm.json", "/usr/share/defaults/cc-oci-runtime/vm.json",
            "/usr/share/defaults/cc-oci-runtime/hypervisor.args",
        ]
        #expect(
            ClearContainersV2.dialect.filesInUse { there.contains($0) } == [
                "/etc/cc-oci-runtime/vm.json", "/usr/share/defaults/cc-oci-runtime/hypervisor.args",
            ])
    }

    @Test("the release is told by the program, the packages and the files")
    func releases() throws {
        func found(_ evidence: ReleaseEvidence...) -> ClosedRange<Release>? { ClearContainersV2.dialect.release(from: evidence)?.releases }
        let ten = Release(2, 1, 10)...Release(2, 1, 10)
        #expect(found(.versionText("cc-oci-runtime version: 2.1.10\nspec version: 1.0.0-rc1\ncommit: 1")) == ten)
        #expect(found(.package(name: "cc-oci-runtime", version: "2.1.10+git.1-3")) == ten)
        #expect(found(.versionText("cc-runtime  : 3.0.1")) == nil)
        let groups = [
            "packaged-2.0": Release(2, 0, 0), "packaged-2.1.0": Release(2, 1, 0), "packaged-2.1.5": Release(2, 1, 5),
            "packaged-2.2": Release(2, 2, 0),
        ]
        for directory in ClearContainersV2GoldenTests.cases {
            guard let first = groups[directory.testDescription] else { continue }
            let sources = try ClearContainersV2GoldenTests.sources(of: directory)
            let finding = try #require(ClearContainersV2.dialect.release(from: sources.map(ReleaseEvidence.packagedFile)))
            #expect(finding.releases.lowerBound == first, "\(directory.testDescription): \(finding)")
        }
    }

    @Test("a file of another system is claimed only as surely as it looks")
    func recognition() {
        func confidence(_ path: FilePath, _ text: String) -> Recognition.Confidence? {
            Registry.recognise(SourceText(path: path, text: text)).first { $0.dialect == ClearContainersV2.id }?.confidence
        }
        let vm = #"{"vm": {"path": "/q", "image": "/i", "kernel": {"path": "/k"}}}"#
        #expect(confidence("/etc/cc-oci-runtime/vm.json", "{}") == .certain)
        #expect(confidence("/tmp/x.json", vm) == .certain)
        #expect(confidence("/b/config.json", #"{"ociVersion": "1", "# + vm.dropFirst()) == .likely)
        #expect(confidence("/b/config.json", #"{"ociVersion": "1"}"#) == nil)
        #expect(confidence("/tmp/x", "/q\n-append\n@KERNEL_PARAMS@\n") == .certain)
        #expect(confidence("/tmp/x", "a@b\n") == nil)
        #expect(confidence("/etc/docker/daemon.json", #"{"runtimes": {}}"#) == nil)
    }

    @Test("a hostile file is reported, in time that grows with its size", arguments: HostileFile.all)
    fileprivate func hostile(_ file: HostileFile) throws {
        let spent = try processorTime {
            let made = translation([file.name: file.text])
            #expect(made.diagnostics.contains { $0.severity != .note || $0.range != nil })
            let bytes = made.document.emission.rendered
            _ = try #require(TOMLDocument.parse(SourceText(path: "t", bytes: bytes)).value)
        }
        // A square of the sizes below would take minutes in a debug build.
        #expect(spent < .seconds(30), "\(file.title): \(spent)")
    }
}

private struct HostileFile: Sendable, CustomTestStringConvertible {
    let title: String
    let name: String
    let text: String

    var testDescription: String { "\(name), \(title)" }

    static let all = [
        HostileFile(title: "100,000 deep", name: "vm.json", text: String(repeating: "{\"vm\":", count: 100_000)),
        HostileFile(title: "truncated", name: "vm.json", text: "{\"vm\": {\"path\": \"/q"),
        HostileFile(title: "an endless comment", name: "vm.json", text: "/*" + String(repeating: "*", count: 1_000_000)),
        HostileFile(title: "binary", name: "vm.json", text: "\u{0}\u{1}\u{2}"),
        HostileFile(title: "a byte order mark", name: "vm.json", text: "\u{FEFF}{\"vm\": 1}"),
        HostileFile(title: "doubled keys", name: "vm.json", text: "{\"vm\": {\"path\": 1, \"path\": 2}}\r\n"),
        HostileFile(
            title: "a list of 300,000", name: "hypervisor.args", text: "/q\n-machine\n" + String(repeating: "a=b,", count: 300_000)),
        HostileFile(title: "40,000 arguments", name: "hypervisor.args", text: "/q\n" + String(repeating: "-x\ny\n", count: 20_000)),
        HostileFile(
            title: "20,000 tags", name: "hypervisor.args", text: "/q\n-append\n" + String(repeating: "@A@", count: 20_000)),
        HostileFile(
            title: "quotes in quotes", name: "cc-oci-runtime.sh.cfg", text: "--root=" + String(repeating: "'\"", count: 300_000)),
        HostileFile(title: "20,000 flags", name: "cc-oci-runtime.sh.cfg", text: String(repeating: "--x\n", count: 20_000)),
        HostileFile(title: "400,000 words", name: "kernel-cmdline", text: String(repeating: "quiet a ", count: 200_000)),
    ]
}

@Suite("Clear Containers 2 corpus", .needs(.corpus))
struct ClearContainersV2CorpusTests {
    private static let directory = Corpus.root.appending("clear-containers").appending("2.x")

    @Test("every configuration is recognised, and refused exactly where cc-oci-runtime refused it")
    func everyFile() throws {
        var count = 0
        for folder in ["vm", "packaging"] {
            let files = Self.directory.appending(folder)
            for name in try FileSystem.list(files) where !name.hasPrefix("cc-") {
                let source = SourceText(path: FilePath("/etc/cc-oci-runtime/\(name)"), bytes: try FileSystem.read(files.appending(name)))
                #expect(Registry.recognise(source).first?.dialect == ClearContainersV2.id, "\(name)")
                let made = ClearContainersV2.dialect.translation(of: source, assets: ClearContainersV3GoldenTests.assets)
                let isRefused = ["vm-no-path.json", "vm-no-image.json", "vm-no-kernel-path.json"].contains(name)
                #expect(made.hasErrors == isRefused, "\(name): \(made.diagnostics)")
                #expect(!made.provenance.isEmpty, "\(name)")
                #expect(!made.provenance.contains { $0.fate == .unknown }, "\(name)")
                count += 1
            }
        }
        #expect(count >= 15)
    }

    @Test("what is no configuration is claimed by neither dialect", .needs(.corpus))
    func others() throws {
        var count = 0
        func visit(_ directory: FilePath) throws {
            for name in try FileSystem.list(directory) {
                let path = directory.appending(name)
                if try FileSystem.status(path)?.kind == .directory {
                    try visit(path)
                    continue
                }
                // The corpus itself lies in a directory clear-containers.
                let source = SourceText(path: FilePath("/x/\(name)"), bytes: try FileSystem.read(path))
                let claims = Registry.recognise(source).map(\.dialect).filter { [ClearContainersV2.id, ClearContainersV3.id].contains($0) }
                #expect(claims.isEmpty, "\(path)")
                count += 1
            }
        }
        for folder in ["2.x/state", "state-3.0", "systemd", "engine"] {
            try visit(Corpus.root.appending("clear-containers").pushing(FilePath(folder)))
        }
        #expect(count > 40)
    }

    @Test("the packaged files of a release name only what was packaged")
    func packaged() throws {
        for version in ["", "-2.0.0", "-2.1.0"] {
            let path = Self.directory.appending("packaging").appending("hypervisor.args.in\(version)")
            let source = SourceText(path: "/etc/cc-oci-runtime/hypervisor.args", bytes: try FileSystem.read(path))
            let made = ClearContainersV2.dialect.translation(of: source, assets: ClearContainersV3GoldenTests.assets)
            #expect(made.diagnostics.allSatisfy { $0.severity == .note }, "\(version): \(made.diagnostics)")
            #expect(made.provenance.filter { $0.fate != .dropped && $0.fate != .defaulted }.map(\.source?.name) == ["program"])
        }
    }
}
