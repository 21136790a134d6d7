// SPDX-License-Identifier: Apache-2.0

import Compat
import Foundation
import KataConfig
import KataSystem
import KataTestSupport
import KataText
import Migrate
import SystemPackage
import Testing

@Suite struct DiagnosticPagesTests {
    private struct Chapter {
        let title: String
        let introduction: String
        let pages: [DiagnosticPage]
    }

    private let chapters = [
        Chapter(
            title: "Text formats", introduction: "What is wrong with a file before anything is known of its meaning.",
            pages: TextDiagnostics.pages),
        Chapter(
            title: "Configuration", introduction: "The unified `configuration.toml` and its drop-ins.", pages: ConfigDiagnostics.pages),
        Chapter(
            title: "Clear Containers 2", introduction: "Reading and translating `vm.json`, `hypervisor.args` and the wrapper's flags.",
            pages: ClearContainersV2.pages),
        Chapter(
            title: "Clear Containers 3.0", introduction: "Reading and translating its `configuration.toml`.",
            pages: ClearContainersV3.pages),
        Chapter(
            title: "runV", introduction: "Reading and translating its flags, wherever something calls it.", pages: RunV.pages),
        Chapter(title: "hyperd", introduction: "Reading and translating `/etc/hyper/config`.", pages: Hyperd.pages),
        Chapter(title: "frakti", introduction: "Reading and translating the flags in its unit.", pages: Frakti.pages),
        Chapter(
            title: "Sandbox records", introduction: "Reading what legacy runtimes left of their sandboxes in `/var/lib` and `/run`.",
            pages: Virtcontainers.pages),
        Chapter(
            title: "Kata Containers, Go runtime", introduction: "Reading and translating its `configuration.toml`, 1.0 to 4.1.",
            pages: KataGo.pages),
        Chapter(
            title: "Kata Containers, runtime-rs", introduction: "Reading and translating its `configuration.toml`.",
            pages: RuntimeRS.pages),
        Chapter(
            title: "Target runtimes", introduction: "Writing a translation for one of the runtimes that it can be for.",
            pages: TargetDialect.pages),
        Chapter(
            title: "Kubernetes", introduction: "Manifests that choose the sandbox by an annotation.", pages: Kubernetes.pages),
        Chapter(
            title: "Pod files of hyperd", introduction: "Translating them to Kubernetes manifests.", pages: HyperPods.pages),
        Chapter(title: "Docker", introduction: "Reading `daemon.json` and the command lines of dockerd.", pages: Docker.pages),
        Chapter(title: "containerd", introduction: "Reading `config.toml`, its imports and command lines.", pages: Containerd.pages),
        Chapter(title: "CRI-O", introduction: "Reading `crio.conf`, `crio.conf.d` and command lines.", pages: CRIO.pages),
        Chapter(title: "Kubelet", introduction: "Reading the flags that name the kubelet's engine.", pages: Kubelet.pages),
        Chapter(title: "podman", introduction: "Reading `containers.conf` and `libpod.conf`.", pages: Podman.pages),
        Chapter(title: "Migration", introduction: "Scans, conversions and plans.", pages: MigrationCodes.pages),
    ]

    private var document: String {
        var text = """
            # Diagnostics

            Each finding about a file has the form

                path:line:column: severity: message [CODE]

            followed by the line and a caret; `--format json`, `sarif` and `junit` say the same to programs. An error makes the file
            unusable; all errors of a file are reported at once. A code keeps its meaning and is never given to another finding.

            This page is made from the descriptions in the program (`KATA_UPDATE_GOLDENS=1 swift test --filter DiagnosticPagesTests`), and a
            test compares them.

            """
        for chapter in chapters {
            text += "\n## \(chapter.title)\n\n\(chapter.introduction)\n"
            for page in chapter.pages {
                text += "\n### \(page.code): \(page.title)\n\n*\(page.severity.rawValue)* — \(page.explanation)\n\n\(page.remedy)\n"
            }
        }
        return text
    }

    @Test func docsSayWhatTheProgramSays() throws {
        let path = Repository.root.appending("Docs").appending("Diagnostics.md")
        if ProcessInfo.processInfo.environment["KATA_UPDATE_GOLDENS"] != nil {
            try AtomicFile.write(Array(document.utf8), to: path, mode: 0o644)
            Issue.record("wrote \(path)")
            return
        }
        let written = String(decoding: try FileSystem.read(path), as: UTF8.self)
        #expect(written == document, "Docs/Diagnostics.md is not what the pages say")
    }

    @Test func aCodeHasOnePage() {
        var seen: Set<String> = []
        for page in chapters.flatMap(\.pages) { #expect(seen.insert(page.code.rawValue).inserted, "\(page.code) has two pages") }
    }

    @Test func everyCodeInTheSourcesHasAPage() {
        let known = Set(chapters.flatMap(\.pages).map(\.code.rawValue))
        var found = 0
        for file in writtenSources {
            for (index, line) in file.lines.enumerated() {
                guard let range = line.range(of: "DiagnosticCode = \"") else { continue }
                let code = String(line[range.upperBound...].prefix { $0 != "\"" })
                found += 1
                #expect(known.contains(code), "\(file.path):\(index + 1): \(code) has no page")
            }
        }
        #expect(found > 0)
    }

    @Test func aPageSaysWhatItMeansAndWhatToDo() {
        for page in chapters.flatMap(\.pages) {
            #expect(!page.title.isEmpty && !page.title.hasSuffix("."), "\(page.code)")
            #expect(page.explanation.hasSuffix("."), "\(page.code)")
            #expect(page.remedy.hasSuffix("."), "\(page.code)")
        }
    }
}
