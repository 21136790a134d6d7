// SPDX-License-Identifier: Apache-2.0

internal import KataSandbox
package import KataSystem
package import SystemPackage

/// What every verb needs from the command line.
package struct RuntimeContext: Sendable {
    package var root: FilePath
    /// As given by `--config`.
    package var configuration: FilePath?
    package var started: MonotonicInstant

    var stateRoot: StateRoot { StateRoot(root) }
}
