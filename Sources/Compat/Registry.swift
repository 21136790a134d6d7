// SPDX-License-Identifier: Apache-2.0
public import KataConfig
public import KataText
internal import SystemPackage

/// The dialects that can be read.
public enum Registry {
    /// All of them, oldest system first.
    public static let dialects: [Dialect] =
        [ClearContainersV2.dialect, ClearContainersV3.dialect, RunV.dialect, Hyperd.dialect, Frakti.dialect] + KataGo.dialects
        + [RuntimeRS.dialect]

    /// Those whose files no runtime of today reads by itself.
    public static var legacyDialects: [Dialect] { dialects.filter { !$0.isCurrent } }

    /// The dialect of that name.
    public static func dialect(_ id: Dialect.ID) -> Dialect? { dialects.first { $0.id == id } }

    /// What dialects and targets can report; dialects of one family have their pages in common.
    public static let pages: [DiagnosticPage] = (dialects.flatMap(\.pages) + TargetDialect.pages).reduce(into: []) { pages, page in
        if !pages.contains(page) { pages.append(page) }
    }

    /// The runtimes that a translation can be written for, ours first.
    public static let targets: [TargetDialect] = [.kataSwift, .kata112, .kata41, .runtimeRS]

    /// Our own runtime. What it is to read of today's other dialects has to be written for it: they ask for more than it runs.
    public static let ours: TargetDialect = .kataSwift

    /// The target of that name.
    public static func target(_ id: Dialect.ID) -> TargetDialect? { targets.first { $0.id == id } }

    /// What a document may be, the surest first; empty when no legacy dialect claims it.
    ///
    /// Today's own files are claimed by none, so that they are never translated by mistake.
    public static func recognise(_ source: SourceText) -> [Recognition] { claims(on: source, of: legacyDialects) }

    /// As `recognise`, but among all dialects, those of today's runtimes included: for commands that only look, or are told to convert.
    public static func identify(_ source: SourceText) -> [Recognition] { claims(on: source, of: dialects) }

    private static func claims(on source: SourceText, of dialects: [Dialect]) -> [Recognition] {
        // sorted(by:) is stable, so dialects of equal confidence keep the registry's order.
        let reading = RecognitionReading(source)
        return dialects.compactMap { $0.claim(reading) }.sorted { $0.confidence > $1.confidence }
    }

    /// For a runtime that is given a legacy file in place of a unified one: the translation, unless the file only might be one.
    ///
    /// - Parameter companions: reads the other files that the legacy program would have read beside the one that is given.
    public static func translation(
        assets: TargetAssets, companions: @escaping @Sendable (Dialect, SourceText) -> [SourceText] = { _, _ in [] }
    ) -> ConfigurationLayers.LegacyTranslation {
        { source in
            guard let found = recognise(source).first, found.confidence >= .likely, let dialect = dialect(found.dialect) else { return nil }
            let translation = dialect.translation(of: [source] + companions(dialect, source), assets: assets)
            let text = SourceText(path: FilePath("\(source.path.string) (translated)"), bytes: translation.document.emission.rendered)
            return Parsed(value: TOMLDocument.parse(text).partial, diagnostics: translation.diagnostics)
        }
    }
}
