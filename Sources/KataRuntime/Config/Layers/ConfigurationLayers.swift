// SPDX-License-Identifier: Apache-2.0
internal import KataSystem
public import KataText
public import SystemPackage

/// Reads the configuration file and its drop-ins from the host.
public struct ConfigurationLayers: Sendable {
    /// Recognises a file of a system before Kata, which may be no TOML of today, and translates it; nil when it is not one.
    public typealias LegacyTranslation = @Sendable (SourceText) -> Parsed<TOMLDocument>?

    /// What reading came to: texts for showing findings, findings, and a configuration when no finding is an error.
    public struct Outcome: Sendable {
        /// The configuration file as it was named; nil when none was found.
        public let file: FilePath?
        /// The text of each file that was read, by the path that diagnostics name.
        public let sources: [FilePath: SourceText]
        /// The configuration and all findings.
        public let result: Parsed<ResolvedConfiguration>
    }

    /// By this name reports call what was no file.
    public static let legacyCall: FilePath = "legacy command line"

    private var sources: [FilePath: SourceText] = [:]
    private var documents: [TOMLDocument] = []
    private var diagnostics: [Diagnostic] = []
    /// Everything that was looked at, in the order in which its findings are reported.
    private var order: [FilePath] = []

    /// Finds the file as Kata does, and lays the drop-ins of `config.d` beside it over it.
    ///
    /// - Parameters:
    ///   - path: what `--config` named.
    ///   - legacyCall: the command line of an old runtime that had no file; it is the configuration, and there are no drop-ins.
    ///   - environment: looked up for `KATA_CONF_FILE`.
    ///   - translateLegacy: asked about the configuration file, not about drop-ins. The translated document's source must have a
    ///     path of its own when its text is not the file's.
    public static func load(
        path: FilePath?, legacyCall: String? = nil, environment: [String: String],
        standardPaths: [FilePath] = ConfigurationSearch.standardPaths, translateLegacy: LegacyTranslation = { _ in nil }
    ) -> Outcome {
        var layers = ConfigurationLayers()
        if let legacyCall {
            let source = SourceText(path: Self.legacyCall, text: legacyCall)
            layers.sources[source.path] = source
            layers.takeBase(source, translateLegacy)
            return layers.outcome(source.path)
        }
        switch ConfigurationSearch(path: path, environment: environment, standardPaths: standardPaths).locate() {
        case .nothing(let passed):
            layers.diagnostics.append(
                Diagnostic(
                    severity: .error, code: ConfigDiagnostics.noFile, message: "no configuration file was found",
                    notes: passed.map { "\($0.path): \($0.reason)" }))
            return Outcome(file: nil, sources: [:], result: Parsed(value: nil, diagnostics: layers.diagnostics))
        case .file(let named, let resolved):
            layers.readBase(named, translateLegacy)
            layers.readDropIns(beside: resolved)
            return layers.outcome(named)
        }
    }

    private func outcome(_ file: FilePath) -> Outcome {
        let isComplete = !diagnostics.contains { $0.severity == .error }
        let resolved = ResolvedConfiguration.resolve(documents, isComplete: isComplete)
        let all = (diagnostics + resolved.diagnostics).inOrder(of: order)
        return Outcome(file: file, sources: sources, result: Parsed(value: resolved.partial, diagnostics: all))
    }

    private mutating func readBase(_ path: FilePath, _ translateLegacy: LegacyTranslation) {
        if let source = read(path) { takeBase(source, translateLegacy) } else { order.append(path) }
    }

    private mutating func takeBase(_ source: SourceText, _ translateLegacy: LegacyTranslation) {
        order.append(source.path)
        guard let translation = translateLegacy(source) else {
            if let document = parse(source) { documents.append(document) }
            return
        }
        diagnostics.append(
            Diagnostic(
                severity: .note, code: ConfigDiagnostics.legacyFile, message: "legacy configuration, translated in memory",
                path: source.path))
        diagnostics += translation.diagnostics
        guard let translated = translation.partial else { return }
        if sources[translated.source.path] == nil { sources[translated.source.path] = translated.source }
        order.append(translated.source.path)
        documents.append(translated)
    }

    private mutating func readDropIns(beside file: FilePath) {
        let directory = file.removingLastComponent().appending("config.d")
        let names: [String]
        do throws(SystemError) {
            guard try FileSystem.targetStatus(directory) != nil else { return }
            names = try FileSystem.list(directory)
        } catch {
            reportUnreadable(directory, error)
            return
        }
        for name in names {
            let path = directory.appending(name)
            order.append(path)
            guard name.hasSuffix(".toml") else {
                diagnostics.append(
                    Diagnostic(
                        severity: .warning, code: ConfigDiagnostics.notADropIn,
                        message: "not read: the name of a drop-in ends in .toml", path: path))
                continue
            }
            if let document = read(path).flatMap({ parse($0) }) { documents.append(document) }
        }
    }

    /// The document, even one with errors, so that what can be read of it is checked as well.
    private mutating func parse(_ source: SourceText) -> TOMLDocument? {
        let parsed = TOMLDocument.parse(source, grammar: .toml11)
        diagnostics += parsed.diagnostics
        return parsed.partial
    }

    private mutating func read(_ path: FilePath) -> SourceText? {
        do throws(SystemError) {
            // Kata's largest template has 40 KiB; a file beyond the bound is not a configuration.
            let source = SourceText(path: path, bytes: try FileSystem.read(path, limit: 4 << 20))
            sources[path] = source
            return source
        } catch {
            reportUnreadable(path, error)
            return nil
        }
    }

    private mutating func reportUnreadable(_ path: FilePath, _ error: SystemError) {
        diagnostics.append(
            Diagnostic(
                severity: .error, code: ConfigDiagnostics.unreadable, message: "cannot be read: \(errorChain(error))", path: path))
    }
}
