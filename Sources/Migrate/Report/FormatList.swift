// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

/// What `dialects` prints.
package enum FormatList {
    /// For people.
    package static var text: String {
        var report = ReportText()
        report.heading("Read and translated")
        for dialect in Registry.dialects {
            report.line("\(dialect.id)  \(dialect.title), releases \(dialect.releases.title), \(dialect.rules.count) keys")
            for path in dialect.searchPaths { report.line(path.string, depth: 3) }
        }
        report.heading("Written for")
        for target in Registry.targets {
            report.line("\(target.id)  \(target.title)")
            for path in target.searchPaths { report.line(path.string, depth: 3) }
        }
        report.heading("Written again with today's programs")
        report.table(EditableFormat.all.map { [$0.name, $0.title] })
        return report.text
    }

    /// For programs.
    package static var json: String {
        ReportValue.object([
            "kind": .string("dialects"), "version": .integer(1),
            "sources": .list(Registry.dialects) { dialect in
                .object([
                    "id": .string(dialect.id.rawValue), "title": .string(dialect.title),
                    "firstRelease": .string(dialect.releases.lowerBound.description),
                    "lastRelease": .string(dialect.releases.upperBound.description),
                    "searchPaths": .list(dialect.searchPaths) { .path($0) }, "keys": .integer(Int64(dialect.rules.count)),
                    "spread": .bool(dialect.isSpread),
                ])
            },
            "targets": .list(Registry.targets) { target in
                .object([
                    "id": .string(target.id.rawValue), "title": .string(target.title),
                    "searchPaths": .list(target.searchPaths) { .path($0) },
                ])
            },
            "edited": .list(EditableFormat.all) { .object(["id": .string($0.name), "title": .string($0.title)]) },
        ]).rendered
    }
}
