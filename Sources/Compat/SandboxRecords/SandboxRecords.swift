// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// All sandboxes of one format that a tree holds.
public struct SandboxRecords: Sendable {
    /// By name.
    public let sandboxes: [LegacySandbox]
    /// Records that are too damaged to say what they are of, by name.
    public let broken: [BrokenRecord]
    /// Findings by sandbox, then by file.
    public let diagnostics: [Diagnostic]
}

/// A record without which nothing can be said of the sandbox but that there was one.
public struct BrokenRecord: Sendable, Hashable {
    /// The name of its directory.
    public let id: LegacySandboxID
    /// The format of the tree.
    public let format: RecordFormat
    /// What there is of it.
    public let files: [FilePath]
    /// Why it cannot be used, in one clause.
    public let reason: String
}
