// SPDX-License-Identifier: Apache-2.0
public import KataConfig
public import KataText

/// One thing that a legacy document says.
public enum LegacyStatement: Sendable {
    /// A known key with a value that its system took.
    case setting(LegacySetting)
    /// A known key with a value that its system refused.
    case refused(LegacyKey, SourceRange)
    /// A key or table that its system read past.
    case stranger(LegacyKey, SourceRange)
    /// A known key or table that gave way to another spelling of the same.
    case shadowed(LegacyKey, SourceRange)
    /// A known key that the release on the host, or the file that it stands in, did not give an effect; why.
    case unread(LegacySetting, reason: String)
    /// What the packaged file says too, so that it is nobody's choice, and that nothing takes the place of; why.
    case packaged(LegacySetting, reason: String)
    /// A key of a table that the unified format does not have, which stays as it is.
    case kept(LegacyKey, TOMLEmission.Value, SourceRange)
    /// A known key that is left out for a reason that only the reader of the document knows.
    case left(LegacyKey, SourceRange, Provenance.Fate = .dropped, because: String)

    /// What it is about.
    public var key: LegacyKey {
        switch self {
        case .setting(let setting), .unread(let setting, _), .packaged(let setting, _): setting.rule.source
        case .refused(let key, _), .stranger(let key, _), .shadowed(let key, _), .kept(let key, _, _), .left(let key, _, _, _): key
        }
    }

    /// The key in the document.
    public var range: SourceRange {
        switch self {
        case .setting(let setting), .unread(let setting, _), .packaged(let setting, _): setting.keyRange
        case .refused(_, let range), .stranger(_, let range), .shadowed(_, let range), .kept(_, _, let range), .left(_, let range, _, _):
            range
        }
    }
}

/// A known key with a value of its type.
public struct LegacySetting: Sendable {
    /// What becomes of the key.
    public let rule: KeyRule
    /// The value.
    public let value: ConfigValue
    /// The key in the document.
    public let keyRange: SourceRange
    /// The value in the document.
    public let valueRange: SourceRange
}
