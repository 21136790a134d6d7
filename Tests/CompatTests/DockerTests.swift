// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataText
import SystemPackage
import Testing

/// `daemon.json`, `units/*`, `environment/*` and `scripts/*` of a case, and what is read of them.
private struct DockerCase {
    var daemonJSON: SourceText?
    var units: [SourceText]
    var environment: [SourceText]
    var scripts: [SourceText]

    init(_ directory: CaseDirectory) throws {
        func files(_ name: String, at place: String) throws -> [SourceText] {
            guard directory.has(name) else { return [] }
            return try FileSystem.list(directory.path.appending(name)).map {
                SourceText(path: FilePath("\(place)/\($0)"), bytes: try directory.read("\(name)/\($0)"))
            }
        }
        daemonJSON =
            directory.has("daemon.json") ? SourceText(path: "/etc/docker/daemon.json", bytes: try directory.read("daemon.json")) : nil
        units = try files("units", at: "/etc/systemd/system/docker.service.d")
        environment = try files("environment", at: "/etc/sysconfig")
        scripts = try files("scripts", at: "/etc/init.d")
    }

    var result: Parsed<EngineRegistrations> {
        Docker.registrations(daemonJSON: daemonJSON, units: units, environment: environment, scripts: scripts)
    }
    var sources: [SourceText] { [daemonJSON].compactMap(\.self) + units + environment + scripts }
    var found: [EngineRegistration] { result.partial?.registrations ?? [] }

    func mapped(_ change: (SourceText) throws -> SourceText) rethrows -> DockerCase {
        var copy = self
        copy.daemonJSON = try daemonJSON.map(change)
        copy.units = try units.map(change)
        copy.environment = try environment.map(change)
        copy.scripts = try scripts.map(change)
        return copy
    }

    /// One line for each registration, default and setting, and every file after each path was changed.
    var report: String {
        var text = ""
        for entry in found {
            let arguments = entry.arguments.isEmpty ? "" : " with \(entry.arguments)"
            let shim = entry.convention == .commandLine ? "" : ", \(entry.convention)"
            text += "\(entry.isDefault ? "*" : " ") \(entry.runtimeName) = \(entry.binaryPath)\(arguments)\(shim)"
            text += ", \(entry.file.lastComponent?.string ?? ""):\(entry.range.text)\n"
        }
        for choice in result.partial?.defaults ?? [] {
            text += "default \(choice.runtimeName), \(choice.file.lastComponent?.string ?? ""):\(choice.range.text)\n"
        }
        for setting in result.partial?.settings ?? [] {
            text += "\(setting.name) = \(setting.value), \(setting.file.lastComponent?.string ?? ""):\(setting.range.text)\n"
        }
        for target: FilePath in ["/usr/local/libexec/kata swift/100%/\"cc\"", "/usr/local/libexec/100%/cc"] {
            do throws(EngineEditError) {
                let edits = try found.edits(changingPathTo: { _ in target }, in: sources)
                for source in sources where edits.contains(where: { $0.file == source.path }) {
                    text += "\n\(source.path.lastComponent?.string ?? ""), every path changed:\n"
                    text += source.applying(edits).map { String(decoding: $0, as: UTF8.self) } ?? "edits overlap\n"
                }
                break
            } catch {
                text += "\n\(error)\n"
            }
        }
        return text
    }
}

@Suite("docker registrations")
struct DockerTests {
    static let cases = CaseDirectory.all(in: "engines/docker")

    @Test("each case is read, reported and edited as recorded", arguments: cases)
    func golden(_ directory: CaseDirectory) throws {
        #expect(directory.has("ORIGIN"))
        let docker = try DockerCase(directory)
        try directory.expect(docker.report, at: "expected.txt")
        let sources = Dictionary(uniqueKeysWithValues: docker.sources.map { ($0.path, $0) })
        try directory.expect(
            render(docker.result.diagnostics, sources: sources, as: .text, tool: "compat", pages: Docker.pages),
            at: "expected-diagnostics.txt")
    }

    @Test("a changed path is read back as it was given, and nothing else changes", arguments: cases)
    func editsReadBack(_ directory: CaseDirectory) throws {
        let docker = try DockerCase(directory)
        let isVariable = !docker.environment.isEmpty || !docker.scripts.isEmpty
        let target: FilePath = isVariable ? "/opt/100%/cc-runtime" : "/opt/new runtime/$x/100%/'cc'\\\"runtime\""
        for (index, entry) in docker.found.enumerated() {
            let edits = try [entry].edits(changingPathTo: { _ in target }, in: docker.sources)
            let edited = try docker.mapped { source in
                let bytes = try #require(source.applying(edits))
                return SourceText(path: source.path, bytes: bytes)
            }
            let reread = edited.found
            #expect(reread.count == docker.found.count)
            #expect(reread[index].binaryPath == target)
            #expect(reread[index].convention == .commandLine)
            #expect(reread.map(\.runtimeName) == docker.found.map(\.runtimeName))
            #expect(reread.map(\.arguments) == docker.found.map(\.arguments))
            #expect(reread.map(\.isDefault) == docker.found.map(\.isDefault))
        }
    }

    @Test("whatever the files hold, an edit finds its place in them", arguments: 0..<30)
    func damage(_ seed: Int) throws {
        var random = Mulberry(seed: UInt32(seed))
        for directory in Self.cases {
            let docker = try DockerCase(directory).mapped { SourceText(path: $0.path, bytes: random.damaged($0.bytes)) }
            guard let edits = try? docker.found.edits(changingPathTo: { _ in "/usr/bin/new" }, in: docker.sources) else { continue }
            for source in docker.sources { #expect(source.applying(edits) != nil) }
        }
    }

    @Test("dockerd knows a runtime of its command line in lower case, and one of its file as it is written")
    func namesOfRuntimes() {
        let unit = SourceText(
            path: "/etc/systemd/system/docker.service.d/x.conf",
            text: "[Service]\nExecStart=/usr/bin/dockerd --add-runtime CC=/usr/bin/cc-runtime\n")
        let file = SourceText(path: "/etc/docker/daemon.json", text: #"{"runtimes": {"CC-File": {"path": "/usr/bin/cc-runtime"}}}"#)
        let found = Docker.registrations(daemonJSON: file, units: [unit]).value?.registrations ?? []
        #expect(Set(found.map(\.runtimeName)) == ["cc", "CC-File"])
    }

    @Test("every finding has a page with its severity, and each code occurs in a case")
    func pages() throws {
        let findings = try Self.cases.flatMap { try DockerCase($0).result.diagnostics }
        let pages = Docker.pages + JSONDocument.pages + SystemdUnitDocument.pages
        for finding in findings { #expect(pages.first { $0.code == finding.code }?.severity == finding.severity, "\(finding)") }
        #expect(Set(Docker.pages.map(\.code)).subtracting(findings.map(\.code)).isEmpty)
    }
}

@Suite("text edits")
struct TextEditTests {
    private static let source = SourceText(path: "/file", text: "one two three")

    private static func edit(_ range: Range<Int>, _ text: String, file: FilePath = "/file") -> TextEdit {
        let bounds = (source.position(at: range.lowerBound), source.position(at: range.upperBound))
        return TextEdit(file: file, range: SourceRange(start: bounds.0, end: bounds.1), replacement: text)
    }

    private static func apply(_ edits: TextEdit...) -> String? {
        source.applying(edits).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("edits apply in any order and leave the rest alone")
    func order() {
        #expect(Self.apply(Self.edit(8..<13, "3"), Self.edit(0..<3, "1")) == "1 two 3")
        #expect(Self.apply(Self.edit(4..<4, "and ")) == "one and two three")
        #expect(Self.apply() == "one two three")
    }

    @Test("overlapping edits are refused")
    func overlap() {
        #expect(Self.apply(Self.edit(0..<5, "x"), Self.edit(4..<7, "y")) == nil)
    }

    @Test("an edit made for a longer text is refused")
    func behindTheEnd() {
        let end = SourcePosition(line: 1, column: 100, offset: 99)
        let edit = TextEdit(file: "/file", range: SourceRange(start: .start, end: end), replacement: "")
        #expect(Self.source.applying([edit]) == nil)
    }

    @Test("edits of other files change nothing")
    func otherFile() {
        #expect(Self.apply(Self.edit(0..<3, "1", file: "/other")) == "one two three")
    }
}
