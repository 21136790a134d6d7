// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// Reads a configuration and its imports as one.
struct ContainerdReading {
    let release: Release?
    var result = EngineRegistrations()
    var diagnostics: [Diagnostic] = []
    private var files: [File] = []
    /// What a shim of the first kind calls when nothing else is said.
    private var linuxRuntime = "runc"

    private struct File {
        let source: SourceText
        let root: TOMLTable
        /// Nil where the file does not say.
        let version: Int?
    }

    /// One section, from the files in which it counts.
    private struct Section {
        let parts: [(file: File, path: [String], table: TOMLTable)]

        var tables: [EngineRegistration.Table] { parts.map { EngineRegistration.Table(file: $0.file.source.path, path: $0.path) } }

        /// The sections below, in the order in which their names first occur.
        func children() -> [(name: String, section: Section)] {
            var seen: Set<String> = []
            let names = parts.flatMap(\.table.keys).filter { seen.insert($0).inserted }
            return names.compactMap { name in child(name).map { (name, $0) } }
        }

        func child(_ name: String) -> Section? {
            let found = parts.compactMap { part in part.table[name]?.table.map { (part.file, part.path + [name], $0) } }
            return found.isEmpty ? nil : Section(parts: found)
        }

        /// The value that counts: the last one that is not empty.
        func value(_ name: String) -> (file: File, entry: TOMLEntry)? {
            let all = parts.compactMap { part in part.table.entry(name).map { (part.file, $0) } }
            return all.last { $0.1.value.string != "" } ?? all.last
        }
    }

    init(release: Release?) { self.release = release }

    mutating func add(_ source: SourceText) {
        let parsed = TOMLDocument.parse(source, as: Engine.containerd.grammars(of: release))
        diagnostics += parsed.diagnostics
        guard let document = parsed.partial else { return }
        var version: Int?
        if let value = document.root["version"] {
            if let number = value.integer {
                version = Int(exactly: number)
            } else {
                report(.badContainerdValue, .error, "version must be an integer, not \(value.typeName)", value.range, source)
            }
        }
        files.append(File(source: source, root: document.root, version: version))
    }

    mutating func read() {
        guard let root = files.first else { return }
        let limit = root.version ?? 1
        for file in files.dropFirst() where merges {
            guard let version = file.version, version > limit, let value = file.root["version"] else { continue }
            let message = "the imported file is of version \(version), the importing one of \(limit); containerd does not start"
            report(.dropInVersion, .error, message, value.range, file.source)
        }
        for file in files { checkNames(in: file) }
        if let linux = plugin(named: { $0 == 1 ? ["linux"] : [Containerd.linuxType] }) { readLinux(linux) }
        if let cri = plugin(named: criNames) {
            checkEnabled()
            if let containerd = cri.child("containerd") { readCRI(containerd) }
        }
    }

    /// Whether sections that stand in several files are merged.
    private var merges: Bool { release.map { $0 >= Containerd.Since.merging } ?? ((files.first?.version ?? 1) > 2) }

    /// The version by whose names a file is read: before 2.0 all of them by the last one that is said.
    private func version(of file: File) -> Int { merges ? file.version ?? 1 : files.compactMap(\.version).last ?? 1 }

    /// Names of the CRI plugin, the one to be used first; containerd 2 carries older names over to newer ones.
    private func criNames(_ version: Int) -> [String] {
        let names = ["io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri", "cri"]
        guard merges else { return [version == 1 ? names[2] : names[1]] }
        return version >= 3 ? [names[0]] : version == 2 ? [names[1], names[0]] : [names[2], names[1], names[0]]
    }

    private mutating func plugin(named names: (Int) -> [String]) -> Section? {
        var parts: [(file: File, path: [String], table: TOMLTable)] = []
        for file in files {
            for name in names(version(of: file)) {
                if let table = file.root.value(at: ["plugins", name])?.table { parts.append((file, ["plugins", name], table)) }
            }
        }
        guard !merges, let last = parts.popLast() else { return parts.isEmpty ? nil : Section(parts: parts) }
        for part in parts {
            let message =
                "section '\(part.path[1])' has no effect: containerd before 2.0 takes the one of '\(last.file.source.path.string)' whole"
            report(.replacedSection, .warning, message, part.table.range, part.file.source)
        }
        return Section(parts: [last])
    }

    /// Sections of another version's names are not read, or keep containerd from starting.
    private mutating func checkNames(in file: File) {
        let version = version(of: file)
        for entry in file.root["plugins"]?.table?.entries ?? [] {
            guard ["cri", "linux", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime", Containerd.linuxType].contains(entry.key)
            else {
                continue
            }
            let isShort = !entry.key.contains(".")
            if version > 1, isShort {
                let message = "section '\(entry.key)' is of version 1, the configuration is of version \(version); containerd refuses it"
                report(.sectionOfOtherVersion, .warning, message, entry.keyRange, file.source)
            } else if !isShort, entry.key.contains("cri"), !criNames(version).contains(entry.key) {
                let message = "section '\(entry.key)' is not read in a configuration of version \(version)"
                report(.sectionOfOtherVersion, .warning, message, entry.keyRange, file.source)
            }
        }
    }

    private mutating func checkEnabled() {
        for file in files {
            for element in file.root["disabled_plugins"]?.array ?? [] {
                guard let name = element.string, name == "cri" || name.hasSuffix(".cri") || name.contains(".cri.") else { continue }
                report(.criDisabled, .warning, "the CRI plugin is disabled, its runtimes serve nobody", element.range, file.source)
            }
        }
    }

    private mutating func readLinux(_ linux: Section) {
        for name in ["shim", "runtime_root", "no_shim"] {
            if let setting = setting(name, of: linux) { result.settings.append(setting) }
        }
        guard let (file, entry) = linux.value("runtime"), let program = text(entry, file) else { return }
        linuxRuntime = program
        result.registrations.append(
            EngineRegistration(
                engine: .containerd, runtimeName: Containerd.linuxType, binaryPath: FilePath(program), file: file.source.path,
                range: SourceRange(start: entry.keyRange.start, end: entry.value.range.end),
                place: .path(PathSpelling(range: entry.value.range, quoting: .toml))))
        checkType(Containerd.linuxType, entry.value.range, file)
    }

    private mutating func readCRI(_ containerd: Section) {
        for (name, section) in containerd.child("runtimes")?.children() ?? [] { readRuntime(name, section) }
        if let section = containerd.child("untrusted_workload_runtime"), hasType(section) {
            if let (file, entry) = section.value("runtime_type") {
                if result.registrations.contains(where: { $0.runtimeName == "untrusted" }) {
                    let message = "a runtime 'untrusted' is registered too; containerd does not start with both"
                    report(.untrustedTwice, .warning, message, entry.value.range, file.source)
                }
                let message =
                    "pods ask for it by an annotation that containerd 2 no longer knows; give them a RuntimeClass with handler 'untrusted'"
                report(.untrustedWorkload, .note, message, entry.value.range, file.source)
            }
            readRuntime("untrusted", section)
        }
        if let section = containerd.child("default_runtime"), hasType(section) {
            readRuntime("default", section)
            if let found = result.registrations.last, found.runtimeName == "default" {
                result.defaults.append(
                    DefaultRuntime(engine: .containerd, runtimeName: "default", file: found.file, range: found.range))
            }
        } else if let (file, entry) = containerd.value("default_runtime_name"), let name = text(entry, file), !name.isEmpty {
            result.defaults.append(
                DefaultRuntime(engine: .containerd, runtimeName: name, file: file.source.path, range: entry.value.range))
            let names = result.registrations.map(\.runtimeName)
            if !names.contains(name), name != "runc" {
                let hint = suggestion(for: name, in: names)
                report(
                    .unregisteredHandler, .warning, "the default runtime '\(name)' is registered nowhere\(hint)", entry.value.range,
                    file.source)
            }
        }
        result = result.withDefaultMarked()
    }

    private func hasType(_ section: Section) -> Bool { section.value("runtime_type")?.entry.value.string.map { !$0.isEmpty } ?? false }
}

// MARK: - One runtime

extension ContainerdReading {
    private static let keys = [
        "runtime_type", "runtime_engine", "runtime_root", "runtime_path", "pod_annotations", "container_annotations",
        "privileged_without_host_devices", "sandbox_mode", "sandboxer",
    ]
    private static let options = ["BinaryName", "Root", "Runtime", "RuntimeRoot", "ConfigPath", "SystemdCgroup"]

    private mutating func readRuntime(_ name: String, _ section: Section) {
        guard let last = section.parts.last else { return }
        let given = section.value("runtime_type")
        guard let (file, entry) = given, let type = text(entry, file), !type.isEmpty else {
            // What is no string was reported as such.
            if let value = given?.entry.value, value.string == nil { return }
            report(.badContainerdValue, .error, "runtime '\(name)' has no runtime_type", last.table.range, last.file.source)
            return
        }
        var settings = Self.keys.compactMap { setting($0, of: section) }
        if let options = section.child("options") {
            settings += Self.options.compactMap { key in
                setting(key, of: options).map { $0.named("options.\(key)") }
            }
        }
        func said(_ key: String) -> String? { settings.first { $0.name == key && !$0.value.isEmpty }?.value }
        let program: FilePath
        var convention = CallingConvention.commandLine
        switch type {
        case Containerd.linuxType: program = FilePath(said("options.Runtime") ?? said("runtime_engine") ?? linuxRuntime)
        case "io.containerd.runc.v1", "io.containerd.runc.v2": program = FilePath(said("options.BinaryName") ?? "runc")
        default:
            program = said("runtime_path").map { FilePath($0) } ?? Containerd.shim(of: type)
            convention = .shim(type)
        }
        checkType(type, entry.value.range, file)
        let end = max(last.table.range.end, last.table.entries.filter { $0.value.table == nil }.map(\.value.range.end).max() ?? .start)
        result.registrations.append(
            EngineRegistration(
                engine: .containerd, runtimeName: name, binaryPath: program, convention: convention, file: last.file.source.path,
                range: SourceRange(start: last.table.range.start, end: end), settings: settings,
                place: .containerd(tables: section.tables, configVersion: merges ? 3 : version(of: last.file), release: release)))
    }

    private mutating func checkType(_ type: String, _ range: SourceRange, _ file: File) {
        guard merges, type == Containerd.linuxType || type == "io.containerd.runc.v1" else { return }
        report(.removedType, .warning, "'\(type)' is not known to containerd 2, which runs nothing with it", range, file.source)
    }

    private func setting(_ key: String, of section: Section) -> EngineSetting? {
        guard let (file, entry) = section.value(key) else { return nil }
        let value = entry.value
        let spelling = value.string == nil ? nil : PathSpelling(range: value.range, quoting: .toml)
        return EngineSetting(name: key, value: value.plainText, file: file.source.path, range: value.range, spelling: spelling)
    }

    private mutating func text(_ entry: TOMLEntry, _ file: File) -> String? {
        if let text = entry.value.string, !text.utf8.contains(0) { return text }
        report(.badContainerdValue, .error, "\(entry.key) must be a string, not \(entry.value.typeName)", entry.value.range, file.source)
        return nil
    }

    private mutating func report(
        _ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange, _ source: SourceText
    ) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }
}

extension EngineSetting {
    func named(_ name: String) -> EngineSetting {
        EngineSetting(name: name, value: value, file: file, range: range, spelling: spelling)
    }
}

extension TOMLValue {
    /// For settings: a list is separated by blanks, a table says nothing.
    var plainText: String {
        switch kind {
        case .string(let text): text
        case .integer(let number): String(number)
        case .float(let number): String(number)
        case .boolean(let value): String(value)
        case .array(let elements): elements.map(\.plainText).joined(separator: " ")
        default: ""
        }
    }
}
