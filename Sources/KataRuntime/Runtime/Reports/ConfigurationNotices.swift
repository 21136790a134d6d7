// SPDX-License-Identifier: Apache-2.0

internal import KataConfig
internal import KataSystem
internal import KataText

/// What a user must hear of a configuration that is used.
enum ConfigurationNotices {
    /// One line at most per kind: the findings themselves are for `config check`.
    static func lines(_ outcome: ConfigurationLayers.Outcome) -> [String] {
        guard let file = outcome.file else { return [] }
        var lines = outcome.result.diagnostics.filter { $0.code == ConfigDiagnostics.legacyFile }.map {
            "\($0.path ?? file): \($0.message)"
        }
        let warnings = outcome.result.diagnostics.count { $0.severity == .warning }
        if warnings > 0 {
            let isCall = file == ConfigurationLayers.legacyCall
            let check = isCall ? "config check behind the same flags" : "kata-runtime --config \(file) config check"
            lines.append("\(file): \(warnings) \(warnings == 1 ? "warning" : "warnings"), see \(check)")
        }
        return lines
    }
}

/// A configuration with errors: each is reported with its place.
struct ConfigurationRefused: FaultyError {
    let fault = Fault.user
    let description: String

    init(_ outcome: ConfigurationLayers.Outcome) {
        let errors = outcome.result.diagnostics.filter { $0.severity == .error }
        let report = render(errors, sources: outcome.sources, as: .text, tool: "kata-runtime")
        let name = outcome.file.map { "configuration '\($0)'" } ?? "configuration"
        description = "use \(name): \(errors.count) \(errors.count == 1 ? "error" : "errors")\n\(report)"
    }
}
