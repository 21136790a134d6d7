// SPDX-License-Identifier: Apache-2.0

package import Compat
internal import KataConfig
package import KataText

/// What `explain` says of a name: the key of each system that had it, and today's.
package struct KeyExplanation: Sendable {
    private let matches: [LegacyKeySearch.Match]
    private let today: [ConfigKey]
    /// A name that is near; nil when the name is one.
    package let suggestion: String?

    package init(_ search: LegacyKeySearch) {
        matches = search.matches
        today = ConfigKey.named(search.name)
        let near =
            search.suggestion ?? nearestName(to: search.name, in: ConfigKey.all.map(search.name.contains(".") ? \.dottedName : \.name))
        suggestion = search.matches.isEmpty && today.isEmpty ? near : nil
    }

    package var isEmpty: Bool { matches.isEmpty && today.isEmpty }

    /// For people.
    package var text: String {
        var report = ReportText()
        for match in matches { Self.explain(match, &report) }
        // What a rule leads to is explained with it.
        for key in today where !matches.contains(where: { $0.rule.fate.target?.definition == key }) {
            report.heading("\(key.dottedName), in today's configuration")
            for line in key.explanation.split(separator: "\n").dropFirst() { report.line(line.trimmed) }
        }
        return report.text
    }

    private static func explain(_ match: LegacyKeySearch.Match, _ report: inout ReportText) {
        let (dialect, rule) = (match.dialect, match.rule)
        report.heading("\(rule.source), in \(dialect.title)")
        var rows = [["releases", rule.releases.title + (rule.span(within: dialect.releases).map { " (\($0))" } ?? " (all)")]]
        rows.append(["type", rule.typeText])
        rows.append(["default", rule.absentText])
        rows.append(["today", rule.fate.target?.description ?? "nothing"])
        rows.append(["verdict", rule.fate.verdict.rawValue])
        for clause in rule.fate.clauses { rows.append(["", clause]) }
        if let key = rule.fate.target?.definition {
            rows.append(["there", key.documentation])
            rows.append(["", "default \(key.defaultValue?.tomlText ?? "none")\(key.deviation.map { " (\($0))" } ?? "")"])
        }
        let codes = Self.codes(of: rule)
        if !codes.isEmpty { rows.append(["reported as", codes.joined(separator: ", ")]) }
        report.table(rows)
    }

    private static func codes(of rule: KeyRule) -> [String] {
        rule.fate.remarks.map(\.code.rawValue).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// For programs.
    package var json: String {
        ReportValue.object([
            "kind": .string("explain"), "version": .integer(1),
            "keys": .list(matches) { match in
                let rule = match.rule
                return .object([
                    "dialect": .string(match.dialect.id.rawValue), "key": .string(rule.source.description),
                    "firstRelease": .string(rule.releases.lowerBound.description),
                    "lastRelease": .string(rule.releases.upperBound.description), "type": .string(rule.typeText),
                    "default": .text(rule.absent?.tomlText), "target": .text(rule.fate.target?.description),
                    "verdict": .string(rule.fate.verdict.rawValue), "how": .list(rule.fate.clauses, ReportValue.string),
                    "codes": .list(Self.codes(of: rule), ReportValue.string),
                ])
            },
            "today": .list(today) { key in
                .object([
                    "key": .string(key.dottedName), "type": .string(key.type.typeName), "default": .text(key.defaultValue?.tomlText),
                    "since": .text(key.since), "documentation": .string(key.documentation),
                ])
            },
        ]).rendered
    }
}

extension DiagnosticPage {
    /// For people.
    package var text: String {
        var report = ReportText()
        report.heading("\(code): \(title)")
        report.line("\(severity.rawValue): \(explanation)")
        report.line(remedy)
        return report.text
    }

    /// For programs.
    package var json: String {
        ReportValue.object([
            "kind": .string("code"), "version": .integer(1), "code": .string(code.rawValue), "severity": .string(severity.rawValue),
            "title": .string(title), "explanation": .string(explanation), "remedy": .string(remedy),
        ]).rendered
    }
}

extension Substring {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
