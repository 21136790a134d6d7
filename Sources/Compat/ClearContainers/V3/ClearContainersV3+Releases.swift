// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

extension ClearContainersV3 {
    static let signs = ReleaseSigns(
        programs: ["cc-runtime"], packages: ["cc-runtime", "cc-runtime-bin", "cc-runtime-config"], ofFile: packagedReleases)

    /// The releases whose packaged file names exactly the keys that a file sets or has commented out; nil when keys were added or taken out.
    ///
    /// Every packaged file named every key of its release, and only those, whatever values were edited later.
    static func packagedReleases(of source: SourceText) -> ReleaseFinding? {
        let named = templateNames(in: source)
        if named.keys.isEmpty { return nil }
        let patches = (0...23).filter { patch in
            let release = Release(3, 0, patch)
            let hasKeys = rules.allSatisfy { rule in
                // The file went on naming this key in the first release that did not read it.
                let last = rule.source == pauseRootPath ? Release(3, 0, 6) : rule.releases.upperBound
                return named.keys.contains(rule.source) == (rule.releases.lowerBound...last).contains(release)
            }
            return hasKeys && named.hasAgentTable == (patch >= 13) && named.vcpuLimits.contains(patch)
        }
        guard let first = patches.first, let last = patches.last else { return nil }
        let releases = Release(3, 0, first)...Release(3, 0, last)
        return ReleaseFinding(
            releases: releases, reasons: ["\(source.path.string) names the keys of the file packaged with \(releases.title)"])
    }

    private struct TemplateNames {
        var keys: Set<LegacyKey> = []
        var hasAgentTable = false
        /// Patch levels whose comment on vCPUs the file has.
        var vcpuLimits = 0...23
    }

    /// The keys of lines such as `name = …` and `#name = …`; explanations have a blank behind the `#`.
    private static func templateNames(in source: SourceText) -> TemplateNames {
        var names = TemplateNames()
        var table: [String] = []
        for number in 1...source.lineCount {
            let line = source.line(number)
            if line.hasPrefix("# > 255 ") { names.vcpuLimits = 0...19 }
            if line.hasPrefix("# > number of physical cores ") { names.vcpuLimits = 20...23 }
            let text = line.hasPrefix("#") ? line.dropFirst() : Substring(line)
            if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
                table = text[..<end].dropFirst().split(separator: ".").map(String.init)
                if table == agentTable { names.hasAgentTable = true }
            } else if let sign = text.firstIndex(of: "=") {
                let name = text[..<sign].prefix { $0 != " " }
                if rules.contains(where: { $0.source == LegacyKey(table, String(name)) }) {
                    names.keys.insert(LegacyKey(table, String(name)))
                }
            }
        }
        return names
    }

    private static let pauseRootPath = LegacyKey(hyperstartTable, "pause_root_path")
    /// Packages of these were built so that both places that they looked in were below `/usr/share/defaults`.
    static let blindToEtc = Release(3, 0, 4)...Release(3, 0, 22)
    /// Their packaged file said -1.
    static let minusOnePackaged = Release(3, 0, 0)...Release(3, 0, 21)
    /// They started up to 255 vCPUs, however many the host has.
    static let overcommitting = Release(3, 0, 0)...Release(3, 0, 19)
    /// They put their own kernel parameters behind the user's, so that their own won.
    static let ownParametersLast = Release(3, 0, 0)...Release(3, 0, 15)
}

// What a release made of a statement.
extension ClearContainersV3 {
    /// The statement as it counted on the host: a key that its release did not read yet, or no more, had no effect.
    static func counted(_ statement: LegacyStatement, on releases: ClosedRange<Release>?) -> LegacyStatement {
        guard case .setting(let setting) = statement, let releases, setting.rule.releases.common(with: releases) == nil else {
            return statement
        }
        let readers = setting.rule.releases.title
        return .unread(setting, reason: "\(releases.title) did not read it, only \(readers) did")
    }

    /// What has to be said of a document because releases differed.
    ///
    /// - Parameters:
    ///   - release: of the host; nil when it is not known.
    ///   - likely: what the document itself speaks for.
    static func differences(_ document: Document, release: ClosedRange<Release>?, likely: ClosedRange<Release>) -> [Diagnostic] {
        var found: [Diagnostic] = []
        func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange?, notes: [String] = []) {
            found.append(
                Diagnostic(severity: severity, code: code, message: message, path: document.source.path, range: range, notes: notes))
        }
        if release == nil {
            let undecided = fixedSettings.filter { $0.isUndecided(among: likely) }.map(\.reason)
            report(
                .releaseUnknown, .note, "the release is not known; the file is taken for that of \(likely.title)", nil, notes: undecided)
        }
        if document.source.path.string.hasPrefix("/etc/"), likely.common(with: blindToEtc) != nil {
            let message = "packages of \(blindToEtc.title) never read files in /etc, only builds from source did"
            report(.neverRead, .warning, message, nil)
        }
        for statement in document.statements {
            switch counted(statement, on: release) {
            case .unread(let setting, let reason):
                report(.unreadKey, .warning, "\(setting.rule.source) had no effect: \(reason)", setting.keyRange)
            case .setting(let setting):
                if let (code, severity, message) = difference(setting, likely) { report(code, severity, message, setting.valueRange) }
            case .refused, .stranger, .shadowed, .packaged, .kept, .left: break
            }
        }
        return found
    }

    private static func difference(_ setting: LegacySetting, _ releases: ClosedRange<Release>) -> (DiagnosticCode, Severity, String)? {
        switch (setting.rule.source.name, setting.value) {
        case ("default_vcpus", .integer(let count)) where count < 0:
            switch origin(within: minusOnePackaged, releases) {
            case true?:
                return (.packagedValue, .note, "the file packaged with \(releases.title) says -1, so this is probably nobody's choice")
            case false?: return (.packagedValue, .note, "the file packaged with \(releases.title) says 1, so this is the user's choice")
            case nil:
                return (.packagedValue, .note, "up to 3.0.21 the packaged file said -1, from 3.0.22 on 1: this may be nobody's choice")
            }
        case ("default_vcpus", .integer(let count)) where count > 1 && releases.common(with: overcommitting) != nil:
            return (.vcpuLimit, .note, "up to 3.0.19 a sandbox had as many vCPUs, at most 255; now it has no more than the host")
        case ("kernel_params", .string(let text)) where releases.common(with: ownParametersLast) != nil:
            let names = text.split(whereSeparator: \.isWhitespace).map { $0.prefix { $0 != "=" } }
            guard let own = names.first(where: { ["init", "systemd.unit", "systemd.mask", "ip"].contains($0) }) else { return nil }
            return (.parameterOrder, .note, "up to 3.0.15 cc-runtime's own '\(own)' came behind this one and won, so it had no effect")
        default: return nil
        }
    }

    /// Whether all, or none, of the releases are of the group; nil when some are.
    private static func origin(within group: ClosedRange<Release>, _ releases: ClosedRange<Release>) -> Bool? {
        switch releases.common(with: group) {
        case nil: false
        case releases: true
        default: nil
        }
    }
}
