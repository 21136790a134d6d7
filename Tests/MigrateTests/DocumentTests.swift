// SPDX-License-Identifier: Apache-2.0

import Compat
import Glibc
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// What a command line of files and directories becomes.
@Suite struct DocumentTests {
    private static let legacy = "[hypervisor.qemu]\ndefault_memory = 512\n[proxy.cc]\n[shim.cc]\n"

    private func write(_ text: String, to path: FilePath) throws {
        try FileSystem.makeDirectory(path.removingLastComponent())
        try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
    }

    private func conversions(_ paths: [FilePath]) -> ConversionSet {
        ConversionSet(of: DocumentSearch(paths), layout: TargetLayout())
    }

    @Test func aDirectoryIsWalkedInTheOrderOfNamesAndHiddenFilesAreLeftAlone() async throws {
        try await withTemporaryDirectory { directory in
            for name in ["b/two.toml", "a/one.toml", "a/.hidden.toml", ".git/config", "notes.txt"] {
                try write(Self.legacy, to: directory.pushing(FilePath(name)))
            }
            let search = DocumentSearch([directory])
            #expect(search.files.map(\.relative.string) == ["a/one.toml", "b/two.toml", "notes.txt"])
            #expect(search.files.allSatisfy { !$0.isNamed } && !search.isIncomplete)
        }
    }

    @Test func whatIsNotRecognisedIsAnErrorWhenNamedAndANoteWhenMet() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending("notes.txt")
            try write("nothing of ours", to: path)
            #expect(conversions([path]).diagnostics.map(\.code) == ["MIG020"])
            #expect(conversions([directory]).diagnostics.map(\.code) == ["MIG021"])
        }
    }

    @Test func linksToDirectoriesAreReportedAndNeverFollowed() async throws {
        try await withTemporaryDirectory { directory in
            try write(Self.legacy, to: directory.appending("c.toml"))
            #expect(symlink(".", directory.appending("circle").string) == 0)
            #expect(symlink("loop", directory.appending("loop").string) == 0)
            let search = DocumentSearch([directory])
            #expect(search.files.map(\.relative.string) == ["c.toml"])
            #expect(search.diagnostics.map(\.code) == ["MIG025", "MIG025"])
        }
    }

    @Test func whatIsNoFileIsNeverOpened() async throws {
        try await withTemporaryDirectory { directory in
            let fifo = directory.appending("pipe.toml")
            #expect(mkfifo(fifo.string, 0o600) == 0)
            for (path, code) in [
                (fifo, "MIG023"), ("/dev/zero", "MIG023"), (directory.appending("none"), "MIG022"),
            ] as [(FilePath, DiagnosticCode)] {
                let search = DocumentSearch([path])
                #expect(search.diagnostics.map(\.code) == [code] && search.isIncomplete, "\(path)")
                #expect(search.diagnostics.first?.path == path)
            }
            let met = DocumentSearch([directory])
            #expect(met.diagnostics.map(\.code) == ["MIG025"] && !met.isIncomplete)
        }
    }

    @Test func aFileBeyondTheLimitIsNotRead() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending("big.toml")
            try write("", to: path)
            #expect(truncate(path.string, 100 << 20) == 0)
            #expect(DocumentSearch([path]).diagnostics.map(\.code) == ["MIG024"])
            #expect(truncate(path.string, off_t(DocumentReading.limit)) == 0)
            #expect(DocumentSearch([path]).files.count == 1)
        }
    }

    @Test func aRegistrationIsEditedAndEveryOtherByteStays() throws {
        let text = "{\n  \"runtimes\": {\"cc\": {\"path\": \"/usr/bin/cc-runtime\"},\t\"x\": {\"path\": \"/x\"}},\r\n \"debug\": true }\n"
        let conversion = Conversion(of: SourceText(path: "/etc/docker/daemon.json", text: text), layout: TargetLayout())
        let bytes = try #require(conversion.bytes)
        let expected = text.split(separator: "/usr/bin/cc-runtime").joined(separator: "/usr/local/libexec/kata-swift/legacy/cc-runtime")
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        #expect(conversion.translation == nil && conversion.title != nil)
    }

    @Test func aDropInOfDockerIsEdited() throws {
        let text =
            "# site\n[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -D --add-runtime cor=/usr/bin/cc-oci-runtime.sh --log-level=info\n"
        let conversion = Conversion(of: SourceText(path: "cc.conf", text: text), layout: TargetLayout())
        let edited = String(decoding: try #require(conversion.bytes), as: UTF8.self)
        #expect(edited.contains("cor=/usr/local/libexec/kata-swift/legacy/cc-oci-runtime --log-level=info"))
        #expect(edited.hasPrefix("# site\n[Service]\nExecStart=\n"))
    }

    @Test func theClassAndTheOldClustersDefaultAreTheUsersChoice() throws {
        var layout = TargetLayout()
        layout.manifests = try #require(ManifestOptions(runtimeClass: "kata-qemu", clusterDefault: .sandboxed))
        let source = SourceText(path: "/p.yaml", text: "apiVersion: v1\nkind: Pod\nspec: {a: b}\n")
        let bytes = try #require(Conversion(of: source, layout: layout).bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "apiVersion: v1\nkind: Pod\nspec: {runtimeClassName: kata-qemu, a: b}\n")
    }

    @Test func aResultWhereItsRuntimeNeverLooksIsReported() throws {
        let rust = try #require(Registry.target(Dialect.ID(rawValue: "runtime-rs")))
        let ours = try #require(Registry.ours.searchPaths.first)
        let theirs = try #require(rust.searchPaths.first)
        #expect(Diagnostic.documentNeverRead(ours, by: rust)?.code == "MIG031")
        #expect(Diagnostic.documentNeverRead(theirs, by: Registry.ours)?.code == "MIG031")
        #expect(Diagnostic.documentNeverRead(theirs, by: rust) == nil && Diagnostic.documentNeverRead("/tmp/c.toml", by: rust) == nil)
    }

    @Test func theResultIsReadAsTheRuntimeWouldReadIt() {
        // A value that the old runtime took and ours refuses.
        let text = "[hypervisor.qemu]\ndefault_bridges = 4294967295\nmachine_accelerators = \"x=y\"\n[proxy.cc]\n[shim.cc]\n"
        let source = SourceText(path: "/c.toml", text: text)
        let alone = Conversion(of: source, layout: TargetLayout())
        #expect(alone.bytes != nil)
        for path in alone.result.map(\.path) { #expect(path == "/c.toml (translated)") }
    }

    @Test func goldenFilesAreComparedWrittenAndMissed() async throws {
        try await withTemporaryDirectory { directory in
            let (sources, golden) = (directory.appending("in"), directory.appending("out"))
            try write(Self.legacy, to: sources.appending("a.toml"))
            try write(Self.legacy, to: sources.appending("b.toml"))
            #expect(GoldenComparison(of: conversions([sources]), with: golden).diagnostics.map(\.code) == ["MIG028", "MIG028"])
            try GoldenComparison.update(golden, with: conversions([sources]))
            #expect(GoldenComparison(of: conversions([sources]), with: golden).diagnostics == [])

            try write("[hypervisor.qemu]\ndefault_memory = 1024\n[proxy.cc]\n[shim.cc]\n", to: sources.appending("a.toml"))
            let changed = GoldenComparison(of: conversions([sources]), with: golden).diagnostics
            #expect(changed.map(\.code) == ["MIG027"])
            #expect(changed[0].notes.contains("-default_memory = 512") && changed[0].notes.contains("+default_memory = 1024"))

            try FileSystem.remove(sources.appending("b.toml"))
            try GoldenComparison.update(golden, with: conversions([sources.appending("a.toml")]))
            let left = GoldenComparison(of: conversions([sources]), with: golden).diagnostics
            #expect(left.map(\.path) == [golden.appending("b.toml")] && left.map(\.code) == ["MIG029"])
        }
    }

    @Test func aSingleResultMayBeComparedWithAFile() async throws {
        try await withTemporaryDirectory { directory in
            let (source, golden) = (directory.appending("c.toml"), directory.appending("golden.toml"))
            try write(Self.legacy, to: source)
            try GoldenComparison.update(golden, with: conversions([source]))
            #expect(try FileSystem.read(golden) == conversions([source]).members[0].conversion.bytes)
            #expect(GoldenComparison(of: conversions([source]), with: golden).diagnostics == [])
        }
    }
}
