// SPDX-License-Identifier: Apache-2.0

package import Compat
internal import KataConfig
package import KataText
package import SystemPackage

/// The conversions of all files that a command line means.
package struct ConversionSet: Sendable {
    /// A conversion and where its result belongs.
    package struct Member: Sendable {
        package let conversion: Conversion
        /// Below the directory that results are written to, when there are several.
        package let relative: FilePath
        /// Whether the command line named a file of it.
        package let isNamed: Bool
        /// Whether our runtime is the one that is to read the result.
        fileprivate let isOurs: Bool
    }

    /// In the order of the first file of each.
    package let members: [Member]
    /// What kept files from being read, then what was found in the others.
    package let diagnostics: [Diagnostic]
    /// The texts for showing findings.
    package let sources: [FilePath: SourceText]
    /// Whether a file could not be read.
    package let isIncomplete: Bool

    /// - Parameters:
    ///   - dialect: nil to recognise each file.
    ///   - releases: what is known of the release that ran on the host.
    ///   - target: for what runtime; nil for ours.
    package init(
        of search: DocumentSearch, layout: TargetLayout, dialect: Dialect? = nil, releases: ClosedRange<Release>? = nil,
        target: TargetDialect? = nil
    ) {
        members = Self.groups(search.files, dialect).map { group in
            let conversion =
                if let dialect = group.dialect {
                    Conversion(of: group.files.map(\.source), as: dialect, layout: layout, releases: releases, target: target)
                } else {
                    Conversion(ofNoDialect: group.files[0].source, layout: layout)
                }
            return Member(
                conversion: conversion, relative: Self.output(of: conversion, at: group.files[0].relative),
                isNamed: group.files.contains(where: \.isNamed),
                isOurs: target == nil)
        }
        diagnostics = search.diagnostics + members.flatMap(\.findings)
        sources = Dictionary(search.files.map { ($0.source.path, $0.source) }) { first, _ in first }
        isIncomplete = search.isIncomplete
    }

    private struct Group {
        /// Nil for a file that none claims.
        let dialect: Dialect?
        var files: [DocumentSearch.File]
    }

    /// Files of one directory and of one dialect that is spread over several belong together.
    private static func groups(_ files: [DocumentSearch.File], _ dialect: Dialect?) -> [Group] {
        struct Place: Hashable {
            let dialect: Dialect.ID
            let directory: FilePath
        }
        var groups: [Group] = []
        var places: [Place: Int] = [:]
        for file in files {
            let claimed = dialect ?? Conversion.recognised(file.source)
            guard let found = claimed, found.isSpread else {
                groups.append(Group(dialect: claimed, files: [file]))
                continue
            }
            let place = Place(dialect: found.id, directory: file.source.path.removingLastComponent())
            if let index = places[place] {
                groups[index].files.append(file)
            } else {
                places[place] = groups.count
                groups.append(Group(dialect: found, files: [file]))
            }
        }
        return groups
    }

    /// A translation is TOML, whatever its sources were; an edited file keeps its name.
    private static func output(of conversion: Conversion, at relative: FilePath) -> FilePath {
        guard conversion.translation != nil, relative.extension != "toml" else { return relative }
        return FilePath(relative.string + ".toml")
    }
}

extension ConversionSet.Member {
    /// What is reported of it: a file that was only met on the way need not be a configuration.
    fileprivate var findings: [Diagnostic] {
        if case .unrecognised = conversion.outcome, !isNamed { return [.documentForeign(conversion.sources[0].path)] }
        return conversion.diagnostics + (isOurs ? conversion.refusals : [])
    }
}

extension Conversion {
    /// What the new runtime would refuse in the result.
    var result: [Diagnostic] {
        guard let translation, let bytes else { return [] }
        let path = FilePath("\(translation.sources[0].path.string) (translated)")
        let parsed = TOMLDocument.parse(SourceText(path: path, bytes: bytes))
        guard let document = parsed.partial else { return parsed.diagnostics }
        return parsed.diagnostics + ResolvedConfiguration.resolve([document]).diagnostics
    }

    fileprivate var refusals: [Diagnostic] { result.filter { $0.severity == .error } }
}
