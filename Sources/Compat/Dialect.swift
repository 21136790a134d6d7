// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// A configuration format of the past, with everything that is needed to read it.
public struct Dialect: Sendable, Identifiable {
    /// The name by which commands, reports and fixtures call a dialect.
    public struct ID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
        /// `clear-containers-3.0`.
        public let rawValue: String

        /// Any text; only the registered ones mean something.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The name.
        public var description: String { rawValue }
    }

    /// Names the dialect.
    public let id: ID
    /// As people call it.
    public let title: String
    /// The releases that read this format.
    public let releases: ClosedRange<Release>
    /// Where those releases looked, in their order; of each file name the first that exists was used whole.
    public let searchPaths: [FilePath]
    /// The codes that reading and translating report.
    public let pages: [DiagnosticPage]
    /// Every key of the format and what becomes of it.
    public let rules: [KeyRule]
    /// What speaks for a document being of this dialect; nil when nothing does.
    let claim: @Sendable (RecognitionReading) -> Recognition?
    /// The last argument is what is known of the release that ran on the host; nil when nothing is.
    let translate: @Sendable ([SourceText], TargetAssets, ClosedRange<Release>?) -> Translation
    /// What tells the release on a host; nil when the release makes no difference.
    var signs: ReleaseSigns?
    /// Whether today's runtimes read the format themselves, so that a file of it is translated only when that is asked for.
    public internal(set) var isCurrent = false
    /// Whether one run of the legacy program read several files of one directory together.
    public var isSpread = false

    /// What speaks for a document being of this dialect; nil when nothing does.
    public func recognise(_ source: SourceText) -> Recognition? { claim(RecognitionReading(source)) }

    /// The documents in the unified format.
    ///
    /// - Parameters:
    ///   - sources: files that one run of the legacy program read together, in its order; most dialects have one.
    ///   - assets: what stands in for the hypervisor and guest files of the legacy system.
    ///   - release: what ran on the host, as `release(from:)` or the user tells it; without it, differences between releases are reported.
    public func translation(of sources: [SourceText], assets: TargetAssets, release: ClosedRange<Release>? = nil) -> Translation {
        translate(sources, assets, release?.common(with: releases))
    }

    /// As for several.
    public func translation(of source: SourceText, assets: TargetAssets, release: ClosedRange<Release>? = nil) -> Translation {
        translation(of: [source], assets: assets, release: release)
    }
}

extension Dialect {
    /// The files that one run of the legacy program read together: of each name in the search paths the first that is there.
    public func filesInUse(_ exists: (FilePath) throws -> Bool) rethrows -> [FilePath] {
        var found: [FilePath] = []
        for path in searchPaths where !found.contains(where: { $0.lastComponent == path.lastComponent }) {
            if try exists(path) { found.append(path) }
        }
        return found
    }

    /// A dialect whose releases did not differ in what a translation depends on.
    init(
        id: ID, title: String, releases: ClosedRange<Release>, searchPaths: [FilePath], pages: [DiagnosticPage], rules: [KeyRule],
        claim: @escaping @Sendable (RecognitionReading) -> Recognition?,
        translate: @escaping @Sendable ([SourceText], TargetAssets) -> Translation
    ) {
        self.init(
            id: id, title: title, releases: releases, searchPaths: searchPaths, pages: pages, rules: rules, claim: claim,
            translate: { sources, assets, _ in translate(sources, assets) })
    }
}

/// What speaks for a document being of a dialect.
public struct Recognition: Sendable {
    /// How sure it is.
    public enum Confidence: Int, Sendable, Comparable {
        /// Nothing speaks against it.
        case possible
        /// Its place or its contents are usual for the dialect.
        case likely
        /// It holds what no other dialect has.
        case certain

        /// Surer is greater.
        public static func < (a: Confidence, b: Confidence) -> Bool { a.rawValue < b.rawValue }
    }

    /// The dialect it may be.
    public let dialect: Dialect.ID
    /// How sure it is.
    public let confidence: Confidence
    /// What was seen, one clause each.
    public let reasons: [String]
    /// The releases that knew every key of the document; those of the dialect when no release did.
    public let releases: ClosedRange<Release>
}
