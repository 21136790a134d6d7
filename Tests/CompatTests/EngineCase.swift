// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import SystemPackage

/// A directory `engines/<engine>/<case>` with a `tree` of the host's files, and perhaps a `release` of the engine.
struct EngineCase {
    let engine: Engine
    var sources: [SourceText]
    let release: Release?

    init(_ directory: CaseDirectory, _ engine: Engine) throws {
        self.engine = engine
        sources = try Self.files(below: directory.path.appending("tree"), at: "/")
        let release = directory.has("release") ? String(decoding: try directory.read("release"), as: UTF8.self) : ""
        let numbers = release.split { !$0.isNumber }.compactMap { Int($0) }
        self.release = numbers.count == 3 ? Release(numbers[0], numbers[1], numbers[2]) : nil
    }

    static func cases(of engine: Engine) -> [CaseDirectory] { CaseDirectory.all(in: "engines/\(engine.rawValue)") }

    private static func files(below directory: FilePath, at place: FilePath) throws -> [SourceText] {
        try FileSystem.list(directory).flatMap { name -> [SourceText] in
            let (file, path) = (directory.appending(name), place.appending(name))
            if (try? FileSystem.list(file)) != nil { return try files(below: file, at: path) }
            return [SourceText(path: path, bytes: try FileSystem.read(file))]
        }
    }

    private var units: [SourceText] {
        sources.filter { $0.path.string.contains("/systemd/") }.sorted { a, b in
            let names = [a, b].map { ($0.path.extension == "service" ? 0 : 1, $0.path.lastComponent?.string ?? "") }
            return names[0] < names[1]
        }
    }
    private var environment: [SourceText] {
        let places = ["/etc/default/", "/etc/sysconfig/", "/var/lib/kubelet/kubeadm-flags.env"]
        return sources.filter { source in places.contains { source.path.string.hasPrefix($0) } }
    }
    private var scripts: [SourceText] {
        let scripts = sources.filter { $0.path.string.hasPrefix("/etc/init") }
        // Without systemd the init script reads the assignments by itself.
        return units.isEmpty ? environment + scripts : scripts
    }
    /// Of the kubelet, as its flags name it.
    private var configuration: [SourceText] {
        let places = Kubelet.configurationPlaces(Kubelet.settings(units: units, environment: environment).partial?.settings ?? [])
        let dropIns = sources.filter { $0.path.removingLastComponent() == places.directory && $0.path.extension == "conf" }
        return sources.filter { $0.path == places.file } + dropIns
    }
    private func source(_ path: FilePath) -> SourceText? { sources.first { $0.path == path } }

    var result: Parsed<EngineRegistrations> {
        switch engine {
        case .docker:
            return Docker.registrations(
                daemonJSON: source("/etc/docker/daemon.json"), units: units, environment: environment, scripts: scripts)
        case .containerd:
            guard let root = source("/etc/containerd/config.toml") else {
                return Containerd.parseCommandLines(units: units, environment: environment, scripts: scripts)
            }
            return Containerd.registrations(root: root, files: sources, release: release)
        case .crio:
            return CRIO.registrations(
                main: source("/etc/crio/crio.conf"), dropIns: sources.filter { $0.path.string.hasPrefix("/etc/crio/crio.conf.d/") },
                units: units, environment: environment, release: release)
        case .podman: return Podman.registrations(sources)
        case .kubelet:
            return Kubelet.settings(units: units, environment: environment, configuration: configuration, release: release)
        }
    }

    var found: [EngineRegistration] { result.partial?.registrations ?? [] }

    func edits(to target: FilePath) throws(EngineEditError) -> [TextEdit] {
        if engine == .kubelet {
            return try Kubelet.edits(pointingAt: "unix:///run/new.sock", result.partial?.settings ?? [], in: sources)
        }
        return try found.edits(changingPathTo: { _ in target }, in: sources)
    }

    /// One line for each registration, setting and default, and every file after each program was changed.
    var report: String {
        var text = ""
        for entry in found {
            let arguments = entry.arguments.isEmpty ? "" : " with \(entry.arguments)"
            text += "\(entry.isDefault ? "*" : " ") \(entry.runtimeName) = \(entry.binaryPath)\(arguments), \(entry.convention)"
            text += ", \(entry.file):\(entry.range.text)\n"
            for setting in entry.settings { text += "      \(setting.line)\n" }
        }
        for choice in result.partial?.defaults ?? [] { text += "default \(choice.runtimeName), \(choice.file):\(choice.range.text)\n" }
        for setting in result.partial?.settings ?? [] { text += "  \(setting.line)\n" }
        do throws(EngineEditError) {
            let edits = try edits(to: "/usr/local/bin/kata-runtime")
            for source in sources where edits.contains(where: { $0.file == source.path }) {
                text += "\n\(source.path), changed:\n"
                text += source.applying(edits).map { String(decoding: $0, as: UTF8.self) } ?? "edits overlap\n"
            }
        } catch {
            text += "\nnot changed: \(error)\n"
        }
        return text
    }
}

extension EngineSetting {
    fileprivate var line: String { "\(name) = \(value), \(file.lastComponent?.string ?? ""):\(range.text)" }
}

extension SourceRange {
    var text: String { "\(start.line):\(start.column)-\(end.line):\(end.column)" }
}
