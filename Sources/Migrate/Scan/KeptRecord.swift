// SPDX-License-Identifier: Apache-2.0

package import Compat
internal import SystemPackage

/// A record of a sandbox that a migration has dealt with, and that stays in its place until that is forgotten.
package struct KeptRecord: Sendable {
    package let id: LegacySandboxID
    /// The migration's name.
    package let migration: String
}

/// The copies by which such records are known.
struct KeptCopies {
    /// The backups of migrations that neither were taken back nor are forgotten.
    private let backups: [(migration: String, place: FilePath)]

    init(by survey: inout Survey) {
        let journals = TargetLayout().journals
        backups = survey.names(in: journals).compactMap { name in
            let directory = journals.appending(name)
            let backup = directory.appending("backup")
            guard survey.exists(backup), let bytes = survey.read(directory.appending("journal"), limit: Survey.fileLimit) else {
                return nil
            }
            let state = JournalState(of: bytes)
            return state.isTakenBack || state.phase == .rollingBack ? nil : (name, backup)
        }
    }

    /// The migration that keeps a record; nil when none does, or somebody has changed the record since.
    func migration(keeping record: LegacySandbox, by survey: inout Survey) -> String? {
        guard !record.files.isEmpty else { return nil }
        return backups.first { _, place in
            record.files.allSatisfy { file in
                guard let copy = survey.read(place.pushing(file.removingRoot()), limit: Survey.fileLimit) else { return false }
                return survey.read(file, limit: Survey.fileLimit) == copy
            }
        }?.migration
    }
}
