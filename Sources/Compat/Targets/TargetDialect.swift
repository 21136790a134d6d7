// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// A runtime that a translation can be written for: ours, or one of upstream Kata's.
public struct TargetDialect: Sendable, Identifiable {
    /// Names the target; where files of that runtime can be read too, the name of that dialect.
    public let id: Dialect.ID
    /// As people call it.
    public let title: String
    /// Where the runtime really looks for its configuration, in its order; a file elsewhere is never read.
    public let searchPaths: [FilePath]
    /// How it differs from the unified format.
    let rules: TargetRules

    /// The translation as this runtime reads it, with an account of what has no meaning there.
    ///
    /// Every key of the translation's document is either written or among the losses. A translation with errors may be projected, but
    /// what comes out is only good for reporting.
    public func projection(of translation: Translation) -> Projection {
        var draft = ProjectionDraft(target: self, translation: translation)
        draft.write()
        return draft.finish()
    }

    /// The codes that projections report.
    public static let pages: [DiagnosticPage] = targetPages
}

/// A translation in the dialect of its target.
public struct Projection: Sendable {
    /// The runtime that it is for.
    public let target: Dialect.ID
    /// The document, each key with its comment above it.
    public let emission: TOMLEmission
    /// What the target lacks, in the order of the document; each has a diagnostic, save what the translation has reported already.
    public let losses: [Loss]
    /// Findings of the projection alone; those of the translation are in the translation.
    public let diagnostics: [Diagnostic]
}

/// A key that a target does not take over.
public struct Loss: Sendable, Equatable {
    /// Where the key stands in the unified document, or in the legacy one when no unified table has it.
    public let key: LegacyKey
    /// The value that is lost, as TOML.
    public let value: String
    /// Why, in one clause.
    public let reason: String
    /// False when the value asked for nothing, such as `false` or `""`.
    public let matters: Bool
}
