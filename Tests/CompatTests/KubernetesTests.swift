// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// `manifest.yaml` or `manifest.json` of a case with its options.
private struct ManifestCase {
    let name: String
    let source: SourceText
    let options: ManifestOptions

    init(_ directory: CaseDirectory) throws {
        name = directory.has("manifest.json") ? "manifest.json" : "manifest.yaml"
        source = SourceText(path: FilePath("/srv/\(name)"), bytes: try directory.read(name))
        let text = directory.has("options") ? String(decoding: try directory.read("options"), as: UTF8.self) : ""
        let pairs = text.split(separator: "\n").map { line in line.split(separator: "=").map { $0.filter { $0 != " " } } }
        let given = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
        options = try #require(
            ManifestOptions(
                runtimeClass: given["runtime-class"] ?? "kata", handler: given["handler"],
                clusterDefault: given["cluster-default"].flatMap(ManifestOptions.ClusterDefault.init(rawValue:)) ?? .unknown))
    }

    var translation: ManifestTranslation { Kubernetes.translation(of: source, options: options) }
}

@Suite("Kubernetes manifests")
struct KubernetesTests {
    static let cases = CaseDirectory.all(in: "engines/kubernetes")

    @Test("each case is judged, edited and reported as recorded", arguments: cases)
    func golden(_ directory: CaseDirectory) throws {
        #expect(directory.has("ORIGIN"))
        let manifest = try ManifestCase(directory)
        let found = manifest.translation
        try directory.expect(String(decoding: found.edited, as: UTF8.self), at: "expected-\(manifest.name)")
        let verdicts = found.pods.map { "\($0.range.start.line): \($0.owner): \($0.isolation.rawValue)\n" }.joined()
        try directory.expect(verdicts + (found.runtimeClass.map { "\n\($0.rendered)" } ?? ""), at: "expected.txt")
        try directory.expect(
            render(found.diagnostics, sources: [manifest.source.path: manifest.source], as: .text, tool: "compat", pages: Documents.pages),
            at: "expected-diagnostics.txt")
    }

    @Test("an edited manifest needs no edit, and its pods run where they did", arguments: cases)
    func idempotent(_ directory: CaseDirectory) throws {
        let manifest = try ManifestCase(directory)
        let once = manifest.translation
        let edited = SourceText(path: manifest.source.path, bytes: once.edited)
        let twice = Kubernetes.translation(of: edited, options: manifest.options)
        #expect(twice.edits.isEmpty)
        // A pod that was sandboxed by its annotation says so by its class now; the others say nothing any more.
        for (before, after) in zip(once.pods, twice.pods) {
            #expect(before.owner == after.owner)
            if before.isolation == .undecided { #expect(after.isolation == .undecided) }
        }
        for pod in YAMLStream.parseJSONOrYAML(edited).value?.documents ?? [] where pod["kind"]?.string == "Pod" {
            let verdict = once.pods.first { $0.owner == "Pod \(pod["metadata"]?["name"]?.string ?? "")" }
            if verdict?.isolation == .sandboxed { #expect(pod["spec"]?["runtimeClassName"]?.string == manifest.options.runtimeClass) }
        }
    }

    @Test("all bytes outside of the edits stay", arguments: cases)
    func untouched(_ directory: CaseDirectory) throws {
        let found = try ManifestCase(directory).translation
        var rest = found.edited[...]
        var done = 0
        for edit in found.edits.sorted(by: { $0.range.start < $1.range.start }) {
            let kept = found.source.bytes[done..<edit.range.start.offset]
            #expect(rest.starts(with: kept))
            rest = rest.dropFirst(kept.count)
            #expect(rest.starts(with: edit.replacement.utf8))
            rest = rest.dropFirst(edit.replacement.utf8.count)
            done = edit.range.end.offset
        }
        #expect(rest.elementsEqual(found.source.bytes[done...]))
    }

    @Test(
        "the engines compare with true and nothing else",
        arguments: [
            ("io.kubernetes.cri-o.TrustedSandbox", "false", true), ("io.kubernetes.cri-o.TrustedSandbox", "True", true),
            ("io.kubernetes.cri-o.TrustedSandbox", "", true), ("io.kubernetes.cri-o.TrustedSandbox", "true", false),
            ("io.kubernetes.cri.untrusted-workload", "true", true), ("io.kubernetes.cri.untrusted-workload", "TRUE", false),
            ("io.kubernetes.cri.untrusted-workload", "1", false), ("runtime.frakti.alpha.kubernetes.io/OSContainer", "true", false),
            ("runtime.frakti.alpha.kubernetes.io/OSContainer", "false", true),
        ])
    func values(key: String, value: String, isSandboxed: Bool) throws {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {annotations: {\(key): '\(value)'}}\nspec: {a: b}\n"
        let found = Kubernetes.translation(of: SourceText(path: "/p", text: text))
        #expect((found.pods.first?.isolation == .sandboxed) == isSandboxed)
        let spec = isSandboxed ? "{runtimeClassName: kata, a: b}" : "{a: b}"
        // frakti's mark of a pod outside of its machines stays.
        let metadata = found.pods.first?.isolation == .shared ? "{annotations: {\(key): '\(value)'}}" : "{}"
        #expect(String(decoding: found.edited, as: UTF8.self) == "apiVersion: v1\nkind: Pod\nmetadata: \(metadata)\nspec: \(spec)\n")
    }

    @Test("a class is a name that Kubernetes takes")
    func names() {
        #expect(ManifestOptions(runtimeClass: "kata.v2-qemu") == nil)
        #expect(ManifestOptions(runtimeClass: "kata.v2-qemu", handler: "kata")?.runtimeClass == "kata.v2-qemu")
        for name in ["", "Kata", "-a", "a-", "a_b", "a..b", String(repeating: "a", count: 64)] {
            #expect(ManifestOptions(runtimeClass: name, handler: "kata") == nil, "\(name)")
        }
    }

    @Test("whatever a file holds, the edits fit it and give what can be read again", arguments: 0..<20)
    func damage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        for directory in Self.cases {
            let whole = try ManifestCase(directory)
            let source = SourceText(path: whole.source.path, bytes: random.damaged(whole.source.bytes))
            let found = Kubernetes.translation(of: source, options: whole.options)
            if !found.edits.isEmpty {
                #expect(!YAMLStream.parseJSONOrYAML(SourceText(path: "/p", bytes: found.edited)).hasErrors)
            }
        }
    }

    @Test("every finding has a page with its severity, and each code occurs in a case")
    func pages() throws {
        let findings = try Self.cases.flatMap { try ManifestCase($0).translation.diagnostics }
        let pages = Kubernetes.pages + YAMLStream.pages + JSONDocument.pages
        for finding in findings { #expect(pages.first { $0.code == finding.code }?.severity == finding.severity, "\(finding)") }
        #expect(Set(Kubernetes.pages.map(\.code)).subtracting(findings.map(\.code)) == [])
    }
}
