// SPDX-License-Identifier: Apache-2.0

internal import KataConfig
internal import KataSandbox
package import KataSystem
package import SystemPackage

/// What every verb needs from the command line.
package struct RuntimeContext: Sendable {
    package var root: FilePath
    /// As given by `--config`.
    package var configuration: FilePath?
    /// What an old runtime without a configuration file was told about its machines; it counts in place of any file.
    package var legacyCall: String?
    package var started: MonotonicInstant
    /// Whether systemd makes cgroups.
    package var systemdCgroup = false

    var stateRoot: StateRoot { StateRoot(root) }

    func loadConfiguration() -> ConfigurationLayers.Outcome {
        ConfigurationLayers.load(
            path: configuration, legacyCall: legacyCall, environment: Environment.variables(), translateLegacy: LegacyFiles.translate)
    }
}
