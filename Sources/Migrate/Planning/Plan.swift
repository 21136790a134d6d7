// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
package import SystemPackage

/// How a host would be moved over: nothing has been done yet.
package struct Plan: Sendable {
    /// Of what the plan says, so that equal plans have equal names.
    package let id: String
    package let root: FilePath
    /// What it was made of.
    package let scan: HostScan
    package let running: RunningPolicy
    /// Whether records go that nobody can start anything from, and VMs that no record accounts for.
    package let cleansStale: Bool
    package let layout: TargetLayout
    /// What speaks against carrying it out; errors block.
    package let preflight: [Diagnostic]
    /// What only the operator can say.
    package let decisions: [Decision]
    /// In the order in which they are to be carried out.
    package let steps: [Step]
    /// What becomes of each sandbox that has a record, in the order of the scan.
    package let sandboxes: [SandboxFate]
    /// What had ended before and keeps its exit status.
    package let endings: [Ending]
    /// What is not touched although it belongs to the old system.
    package let leftInPlace: [Leftover]
    /// What the translation of the configuration had to say.
    package let translation: Translation?
    package let sources: [FilePath: SourceText]

    package var isBlocked: Bool { preflight.contains { $0.severity == .error } }

    package var journal: FilePath { layout.journals.appending(id) }

    /// Where the former state of a path will be.
    package func backup(of path: FilePath) -> FilePath { journal.appending("backup").pushing(path.removingRoot()) }
}

/// A question that the host does not answer.
package struct Decision: Sendable, Equatable {
    package let sandbox: LegacySandboxID
    package let question: String
    /// What can be said, each with its consequence.
    package let answers: [Answer]

    package struct Answer: Sendable, Equatable {
        /// The option of `plan`.
        package let option: String
        package let consequence: String
    }
}

/// Something of the old system that stays.
package struct Leftover: Sendable, Equatable {
    package let what: String
    package let why: String
}
