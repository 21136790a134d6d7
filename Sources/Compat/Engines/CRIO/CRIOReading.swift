// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// Reads files in their order: of a key that several give the last counts, and of a runtime that several have the last one whole.
struct CRIOReading {
    let release: Release?
    private(set) var diagnostics: [Diagnostic] = []
    private var keys: [(name: String, entry: TOMLEntry, source: SourceText)] = []
    private var handlers: [EngineRegistration] = []
    private var flags: [CommandFlag] = []

    private static let programs = ["runtime", "runtime_untrusted_workload"]
    private static let texts = programs + ["default_runtime", "default_workload_trust", "conmon", "conmon_cgroup"]
    private static let others = ["manage_ns_lifecycle", "manage_network_ns_lifecycle"]

    init(release: Release?) { self.release = release }

    mutating func read(_ source: SourceText) {
        let parsed = TOMLDocument.parse(source, as: Engine.crio.grammars(of: release))
        diagnostics += parsed.diagnostics
        guard let runtime = parsed.partial?.root.value(at: ["crio", "runtime"])?.table else { return }
        for name in Self.texts + Self.others {
            guard let entry = runtime.entry(name) else { continue }
            if Self.texts.contains(name), entry.value.string.map({ $0.utf8.contains(0) }) ?? true {
                report(.badCRIOValue, .error, "\(name) must be a string, not \(entry.value.typeName)", entry.value.range, source)
                continue
            }
            if let earlier = keys.firstIndex(where: { $0.name == name }) {
                override(name, keys[earlier].entry.keyRange, keys[earlier].source, by: source)
                keys[earlier] = (name, entry, source)
            } else {
                keys.append((name, entry, source))
            }
        }
        for entry in runtime["runtimes"]?.table?.entries ?? [] {
            guard let table = entry.value.table else {
                report(
                    .badCRIOValue, .error, "runtime '\(entry.key)' must be a table, not \(entry.value.typeName)", entry.value.range, source)
                continue
            }
            read(entry.key, table, source)
        }
    }

    private mutating func read(_ name: String, _ table: TOMLTable, _ source: SourceText) {
        let settings = table.entries.filter { $0.value.table == nil }.map { entry in
            EngineSetting(
                name: entry.key, value: entry.value.plainText, file: source.path, range: entry.value.range,
                spelling: entry.value.string == nil ? nil : PathSpelling(range: entry.value.range, quoting: .toml))
        }
        for key in ["runtime_path", "runtime_type", "runtime_root"] {
            guard let value = table[key], value.string == nil else { continue }
            report(.badCRIOValue, .error, "\(key) must be a string, not \(value.typeName)", value.range, source)
        }
        // Without a path the name is looked up in PATH.
        let path = table["runtime_path"]?.path.flatMap { $0.isEmpty ? nil : $0 } ?? FilePath(name)
        let isShim = table["runtime_type"]?.string == "vm"
        let end = max(table.range.end, table.entries.map(\.value.range.end).max() ?? .start)
        let found = EngineRegistration(
            engine: .crio, runtimeName: name, binaryPath: path, convention: isShim ? .shim("vm") : .commandLine, file: source.path,
            range: SourceRange(start: table.range.start, end: end), settings: settings, place: .crioHandler)
        if let earlier = handlers.firstIndex(where: { $0.runtimeName == name }) {
            let old = handlers[earlier]
            let message = "runtime '\(name)' has no effect here: '\(source.path.string)' registers it anew"
            diagnostics.append(Diagnostic(severity: .note, code: .overriddenSetting, message: message, path: old.file, range: old.range))
            handlers[earlier] = found
        } else {
            handlers.append(found)
        }
    }

    mutating func read(_ command: EngineCommandLine) {
        diagnostics += command.diagnostics
        let (found, lacking) = command.words.flags([
            "runtime", "runtimes", "default-runtime", "conmon", "config", "c", "config-dir", "d", "listen",
        ])
        flags = found
        for word in lacking {
            diagnostics.append(
                Diagnostic(
                    severity: .error, code: .badCRIOValue, message: "\(word.text) lacks its value", path: word.file, range: word.range))
        }
        for word in command.unknownVariables {
            let message = "options may also come from \(word.text), which no file at hand sets"
            diagnostics.append(Diagnostic(severity: .note, code: .crioVariable, message: message, path: word.file, range: word.range))
        }
        for flag in found where flag.name == "runtimes" { addRuntime(flag) }
        judge()
    }

    /// `name:path:root`, of which early releases take the first two.
    private mutating func addRuntime(_ flag: CommandFlag) {
        let parts = flag.value.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            let message = "--runtimes takes name:path:root, not '\(flag.value)'"
            diagnostics.append(
                Diagnostic(severity: .error, code: .badCRIOValue, message: message, path: flag.file, range: flag.word.range))
            return
        }
        let behind = flag.rawValue(behind: parts[0].utf8.count + 1)
        guard behind.allSatisfy({ $0 != UInt8(ascii: ":") }), let spelling = flag.spelling(behind: parts[0].utf8.count + 1) else {
            // The path is in the middle of the word: it is known, but a word is only written anew at its end.
            diagnostics.append(
                Diagnostic(
                    severity: .note, code: .runtimeFlag, message: "runtime '\(parts[0])' of the command line has to be changed by hand",
                    path: flag.file, range: flag.word.range))
            return
        }
        handlers.removeAll { $0.runtimeName == parts[0] }
        handlers.append(
            EngineRegistration(
                engine: .crio, runtimeName: String(parts[0]), binaryPath: FilePath(String(parts[1])), file: flag.file, range: flag.range,
                place: .path(spelling)))
    }

    private mutating func override(_ name: String, _ range: SourceRange, _ earlier: SourceText, by source: SourceText) {
        let message = "\(name) has no effect here: '\(source.path.string)' sets it anew"
        report(.overriddenSetting, .note, message, range, earlier)
    }

    private mutating func report(
        _ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange, _ source: SourceText
    ) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }
}

// MARK: - The whole

extension CRIOReading {
    private func key(_ name: String) -> (name: String, entry: TOMLEntry, source: SourceText)? {
        keys.first { $0.name == name && $0.entry.value.string != "" }
    }

    private func text(_ name: String) -> String? { key(name)?.entry.value.string }

    private var defaultFlag: CommandFlag? { flags.last { $0.name == "default-runtime" } }
    private var runtimeFlag: CommandFlag? { flags.last { $0.name == "runtime" } }
    private var trustIsKnown: Bool { release.map { $0 < CRIO.withoutTrust } ?? true }
    private var takesUntrusted: Bool { trustIsKnown && text("default_workload_trust") == "untrusted" }

    var result: EngineRegistrations {
        var result = EngineRegistrations()
        result.defaults = defaults
        let name = result.defaults.last?.runtimeName ?? "runc"
        if let flag = runtimeFlag, let spelling = flag.spelling() {
            result.registrations.append(
                EngineRegistration(
                    engine: .crio, runtimeName: "runtime", binaryPath: FilePath(flag.value), isDefault: isRuntimeDefault, file: flag.file,
                    range: flag.range, place: .path(spelling)))
        } else if let (_, entry, source) = key("runtime") {
            result.registrations.append(
                program(entry, source, isDefault: isRuntimeDefault, .path(PathSpelling(range: entry.value.range, quoting: .toml))))
        }
        if let (_, entry, source) = key("runtime_untrusted_workload") {
            result.registrations.append(program(entry, source, isDefault: takesUntrusted, .crioUntrusted))
        }
        let hasProgram = !result.registrations.isEmpty && result.defaults.isEmpty
        result.registrations += handlers.map { $0.asDefault($0.runtimeName == name && !hasProgram && !takesUntrusted) }
        for (name, entry, source) in keys where !Self.programs.contains(name) && name != "default_runtime" {
            let spelling = entry.value.string == nil ? nil : PathSpelling(range: entry.value.range, quoting: .toml)
            result.settings.append(
                EngineSetting(name: name, value: entry.value.plainText, file: source.path, range: entry.value.range, spelling: spelling))
        }
        result.settings += flags.filter { $0.name != "runtimes" && $0.name != "runtime" && $0.name != "default-runtime" }.map(\.setting)
        return result
    }

    /// A runtime of the days when there were two programs and no names; it is called by its key.
    private func program(_ entry: TOMLEntry, _ source: SourceText, isDefault: Bool, _ place: EngineRegistration.Place) -> EngineRegistration
    {
        EngineRegistration(
            engine: .crio, runtimeName: entry.key == "runtime" ? "runtime" : "untrusted", binaryPath: FilePath(entry.value.string ?? ""),
            isDefault: isDefault, file: source.path, range: SourceRange(start: entry.keyRange.start, end: entry.value.range.end),
            place: place)
    }

    private var isRuntimeDefault: Bool { defaults.isEmpty && !takesUntrusted }

    private var defaults: [DefaultRuntime] {
        if let flag = defaultFlag {
            return [DefaultRuntime(engine: .crio, runtimeName: flag.value, file: flag.file, range: flag.word.range)]
        }
        guard let (_, entry, source) = key("default_runtime"), let name = entry.value.string else { return [] }
        return [DefaultRuntime(engine: .crio, runtimeName: name, file: source.path, range: entry.value.range)]
    }

    private mutating func judge() {
        let names = handlers.map(\.runtimeName)
        if let choice = defaults.last, choice.runtimeName != "runc", !names.contains(choice.runtimeName) {
            let message =
                "the default runtime '\(choice.runtimeName)' is registered nowhere\(suggestion(for: choice.runtimeName, in: names))"
            diagnostics.append(
                Diagnostic(severity: .warning, code: .unregisteredCRIO, message: message, path: choice.file, range: choice.range))
        }
        if let (_, entry, source) = key("runtime_untrusted_workload") {
            if let handler = handlers.first(where: { $0.runtimeName == "untrusted" }), trustIsKnown {
                let message =
                    "a runtime 'untrusted' is registered by '\(handler.file.string)' too; CRI-O 1.12 and 1.13 do not start with both"
                report(.untrustedTwiceCRIO, .warning, message, entry.keyRange, source)
            }
            let effect = trustIsKnown ? "loses its effect with CRI-O 1.14" : "has no effect in CRI-O \(release.map(\.description) ?? "")"
            let message =
                "runtime_untrusted_workload \(effect): pods need a RuntimeClass with handler '\(CRIO.handlerForUntrusted)' "
                + "in place of the annotation io.kubernetes.cri-o.TrustedSandbox"
            report(.trustIsGone, .warning, message, entry.keyRange, source)
        }
        if let (_, entry, source) = key("default_workload_trust"), entry.value.string == "untrusted" {
            let message =
                "every pod that is not privileged and says nothing of trust is run by the untrusted runtime; with RuntimeClass "
                + "only pods that ask for it are"
            report(.untrustedByDefault, .warning, message, entry.value.range, source)
        }
    }
}
