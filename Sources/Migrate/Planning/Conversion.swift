// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
internal import SystemPackage

/// What becomes of a file of an old system, or of several that one run of its program read together.
package struct Conversion: Sendable {
    /// What was made of the files.
    package enum Outcome: Sendable {
        /// The configuration of the target that says the same.
        case translated(Translation, TOMLEmission)
        /// The file itself with the programs of today named in it.
        case edited(EditableFormat, [UInt8])
        /// Nothing: no format claims the file.
        case unrecognised
    }

    /// In the order in which they were read.
    package let sources: [SourceText]
    package let outcome: Outcome
    package let diagnostics: [Diagnostic]

    /// Nil when there is no translation, for want of a dialect or because it is a file that is edited.
    package var translation: Translation? {
        if case .translated(let translation, _) = outcome { translation } else { nil }
    }

    /// What the files were read as, for people; nil when no format claims them.
    package var title: String? {
        switch outcome {
        case .translated(let translation, _): Registry.dialect(translation.dialect)?.title ?? translation.dialect.rawValue
        case .edited(let format, _): format.title
        case .unrecognised: nil
        }
    }

    /// What is written; nil when the legacy program would have refused the files.
    package var bytes: [UInt8]? {
        if diagnostics.contains(where: { $0.severity == .error }) { return nil }
        switch outcome {
        case .translated(_, let emission): return emission.rendered
        case .edited(_, let bytes): return bytes
        case .unrecognised: return nil
        }
    }

    /// - Parameters:
    ///   - dialect: nil to recognise it.
    ///   - releases: what is known of the release that ran on the host.
    ///   - target: for what runtime; nil for ours.
    package init(
        of source: SourceText, layout: TargetLayout, dialect: Dialect? = nil, releases: ClosedRange<Release>? = nil,
        target: TargetDialect? = nil
    ) {
        if let found = dialect ?? Self.recognised(source) {
            self.init(of: [source], as: found, layout: layout, releases: releases, target: target)
        } else {
            self.init(ofNoDialect: source, layout: layout)
        }
    }

    /// - Parameter source: a file that no dialect claims.
    init(ofNoDialect source: SourceText, layout: TargetLayout) {
        if let format = EditableFormat.recognised(source) {
            let edits = format.edits(source, layout)
            let bytes = edits.partial.flatMap { source.applying($0) }
            self.init([source], .edited(format, bytes ?? source.bytes), edits.diagnostics)
        } else {
            self.init([source], .unrecognised, Self.flaws(of: source) + [.unknownDialect(source)])
        }
    }

    /// - Parameters:
    ///   - sources: what one run of the legacy program read together; at least one.
    ///   - releases: what is known of the release that ran on the host; nil to report the differences that matter.
    ///   - target: for what runtime; nil for ours.
    package init(
        of sources: [SourceText], as dialect: Dialect, layout: TargetLayout, releases: ClosedRange<Release>? = nil,
        target: TargetDialect? = nil
    ) {
        let made = dialect.translation(of: sources, assets: layout.assets, release: releases)
        // A file of another Kata may ask for what ours refuses, so that it is written anew for ours too.
        let projection = (target ?? Registry.ours).projection(of: made)
        self.init(sources, .translated(made, projection.emission), made.diagnostics + projection.diagnostics)
    }

    private init(_ sources: [SourceText], _ outcome: Outcome, _ diagnostics: [Diagnostic]) {
        self.sources = sources
        self.outcome = outcome
        self.diagnostics = Self.bounded(diagnostics, of: sources)
    }

    /// More findings about one document help nobody, and a hostile one could have a report of any length.
    private static let mostFindings = 400

    /// An error is never among those that are left out unless another is shown: it decides whether there is a result.
    private static func bounded(_ all: [Diagnostic], of sources: [SourceText]) -> [Diagnostic] {
        guard all.count > mostFindings, let path = sources.first?.path else { return all }
        var kept = Array(all.prefix(mostFindings))
        if !kept.contains(where: { $0.severity == .error }), let error = all.first(where: { $0.severity == .error }) { kept.append(error) }
        return kept + [.findingsLeftOut(all.count - kept.count, of: path)]
    }

    /// A file that merely could be anything is not translated on the strength of that.
    static func recognised(_ source: SourceText) -> Dialect? {
        guard let found = Registry.identify(source).first, found.confidence >= .likely else { return nil }
        return Registry.dialect(found.dialect)
    }

    /// What is wrong with a file whose name says how it is written: it may be why nobody claims it.
    private static func flaws(of source: SourceText) -> [Diagnostic] {
        let found =
            switch source.path.extension {
            case "toml": TOMLDocument.parse(source, grammar: .toml11).diagnostics
            case "json": JSONDocument.parse(source).diagnostics
            default: [Diagnostic]()
            }
        return Array(found.prefix(3))
    }
}
