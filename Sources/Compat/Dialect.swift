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
    /// Where those releases looked, in their order; the first that exists was used whole.
    public let searchPaths: [FilePath]
    /// The codes that reading and translating report.
    public let pages: [DiagnosticPage]
    /// Every key of the format and what becomes of it.
    public let rules: [KeyRule]
    let recognise: @Sendable (SourceText) -> Recognition?
    let translate: @Sendable ([SourceText], TargetAssets) -> Translation

    /// The documents in the unified format.
    ///
    /// - Parameters:
    ///   - sources: files that one run of the legacy program read together, in its order; most dialects have one.
    ///   - assets: what stands in for the hypervisor and guest files of the legacy system.
    public func translation(of sources: [SourceText], assets: TargetAssets) -> Translation { translate(sources, assets) }

    /// As for several.
    public func translation(of source: SourceText, assets: TargetAssets) -> Translation { translate([source], assets) }
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
