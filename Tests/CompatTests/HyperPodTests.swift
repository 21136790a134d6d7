// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("hyper pod files")
struct HyperPodTests {
    static let cases = CaseDirectory.all(in: "hyperd/pods")

    private static func source(_ directory: CaseDirectory) throws -> SourceText {
        let name = directory.has("pod.json") ? "pod.json" : "pod.yaml"
        return SourceText(path: FilePath("/srv/\(name)"), bytes: try directory.read(name))
    }

    @Test("each case is recognised, translated and reported as recorded", arguments: cases)
    func golden(_ directory: CaseDirectory) throws {
        #expect(directory.has("ORIGIN"))
        let source = try Self.source(directory)
        if directory.path.lastComponent?.string != "empty" { #expect(Documents.recognise(source)?.kind == .hyperPod) }
        let found = HyperPods.translation(of: source)
        try directory.expect(found.rendered, at: "expected.yaml")
        try directory.expect(
            render(found.diagnostics, sources: [source.path: source], as: .text, tool: "compat", pages: Documents.pages),
            at: "expected-diagnostics.txt")
    }

    @Test("what is written is YAML that says what was meant, and is no legacy file any more", arguments: cases)
    func wellFormed(_ directory: CaseDirectory) throws {
        let found = HyperPods.translation(of: try Self.source(directory))
        let text = SourceText(path: "/out.yaml", text: found.rendered)
        let documents = try #require(YAMLStream.parse(text).value?.documents)
        #expect(documents.count == found.manifests.count)
        #expect(documents.allSatisfy { $0["apiVersion"]?.string != nil && $0["kind"]?.string != nil && $0["metadata"]?["name"] != nil })
        #expect(Kubernetes.translation(of: text).edits.isEmpty)
        // Every mount has its volume, and every volume its mount.
        for pod in documents where pod["kind"]?.string == "Pod" {
            let mounts = (pod["spec"]?["containers"]?.sequence ?? []).flatMap { $0["volumeMounts"]?.sequence ?? [] }.compactMap {
                $0["name"]?.string
            }
            let volumes = (pod["spec"]?["volumes"]?.sequence ?? []).compactMap { $0["name"]?.string }
            #expect(Set(mounts) == Set(volumes) && volumes.count == Set(volumes).count)
        }
    }

    @Test("dollar signs mean what they meant", arguments: [("$(A)", "$$(A)"), ("$$", "$$$"), ("a$b $", "a$b $"), ("$$(A)", "$$$$(A)")])
    func dollars(before: String, after: String) throws {
        let text = "{\"id\": \"a\", \"containers\": [{\"image\": \"i\", \"command\": [\"\(before)\"]}]}"
        let rendered = HyperPods.translation(of: SourceText(path: "/p", text: text)).rendered
        let pod = try #require(YAMLStream.parse(SourceText(path: "/o", text: rendered)).value?.documents.first)
        #expect(pod["spec"]?["containers"]?.sequence?[0]["args"]?.sequence?[0].string == after)
    }

    @Test("whatever a file holds, it is translated or refused with a reason", arguments: 0..<20)
    func damage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        for directory in Self.cases {
            let source = SourceText(path: "/p", bytes: random.damaged(try Self.source(directory).bytes))
            let found = HyperPods.translation(of: source)
            #expect(!found.manifests.isEmpty || found.diagnostics.contains { $0.severity == .error })
            #expect(!YAMLStream.parse(SourceText(path: "/o", text: found.rendered)).hasErrors)
        }
    }

    @Test("every finding has a page, and each code occurs in a case")
    func pages() throws {
        let findings = try Self.cases.flatMap { HyperPods.translation(of: try Self.source($0)).diagnostics }
        let pages = HyperPods.pages + YAMLStream.pages + JSONDocument.pages
        for finding in findings { #expect(pages.contains { $0.code == finding.code }, "\(finding)") }
        #expect(Set(HyperPods.pages.map(\.code)).subtracting(findings.map(\.code)) == [])
    }

    @Test("the table in Docs names every key and its fate")
    func documentation() throws {
        let path = Repository.root.appending("Docs").appending("Manifests.md")
        let page = String(decoding: try FileSystem.read(path), as: UTF8.self)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.hasSuffix(" |") && $0.contains("` | ") }
        let table = HyperPods.keys.map { "| `\($0.key)` | \($0.fate) |" }
        #expect(rows.suffix(table.count).map(String.init) == table)
    }

    @Test(
        "files that are neither are not taken for one",
        arguments: [
            "", "a: b", "[hypervisor.qemu]\npath = \"x\"\n", "{\"runtimes\": {}}", "containers: []", "containers: 5\nid: a",
            "services:\n  web: {}\n",
            "- a\n- b\n", "apiVersion: v1\n", "kind: Pod\n",
        ])
    func strangers(text: String) {
        #expect(Documents.recognise(SourceText(path: "/f", text: text)) == nil)
    }
}

@Suite("hyper pod corpus", .needs(.corpus))
struct HyperPodCorpusTests {
    private static let names: [FilePath] = {
        let root = Corpus.root.appending("runv")
        return ["pods", "userpod-json"].flatMap { directory in
            ((try? FileSystem.list(root.appending(directory))) ?? []).map { root.appending(directory).appending($0) }
        }
    }()

    @Test("every pod file of hyperd's examples and tests is recognised, and translated unless hyperd refused it")
    func corpus() throws {
        #expect(Self.names.count >= 27)
        for name in Self.names {
            let source = SourceText(path: name, bytes: try FileSystem.read(name))
            #expect(Documents.recognise(source)?.kind == .hyperPod, "\(name)")
            let found = Documents.translation(of: source, as: .hyperPod)
            // Two of hyperd's tests are of hostnames that it must refuse; one of runV's uses a file that it does not describe.
            let isRefused = name.string.contains("hostname-err") || name.lastComponent == "with_volumes.json"
            #expect((found.result == nil) == isRefused, "\(name): \(found.diagnostics)")
            guard let result = found.result else { continue }
            let documents = try #require(YAMLStream.parse(SourceText(path: "/o", bytes: result)).value?.documents)
            let pod = try #require(documents.first { $0["kind"]?.string == "Pod" })
            #expect(pod["spec"]?["runtimeClassName"]?.string == "kata")
            #expect(pod["spec"]?["containers"]?.sequence?.isEmpty == false)
        }
    }

    @Test("the pod of Clear Containers' OpenShift test gets a class in place of its annotation")
    func openShift() throws {
        let path = Corpus.root.appending("clear-containers").appending("engine").appending("hello-pod-cc.json")
        let source = SourceText(path: path, bytes: try FileSystem.read(path))
        #expect(Documents.recognise(source)?.kind == .manifest)
        let result = try #require(Documents.translation(of: source, as: .manifest).result)
        let pod = try #require(JSONDocument.parse(SourceText(path: path, bytes: result)).value?.root)
        #expect(pod["spec"]?["runtimeClassName"]?.string == "kata")
        #expect(pod["metadata"]?["annotations"] == nil && pod["metadata"]?["labels"]?["name"]?.string == "hello-openshift")
    }
}
