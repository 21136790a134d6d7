// SPDX-License-Identifier: Apache-2.0

internal import KataConfig
internal import KataSystem
internal import Synchronization

/// How configuration files of older systems are understood; the executable, which alone knows these systems, says it.
enum LegacyFiles {
    private static let translation = Mutex<ConfigurationLayers.LegacyTranslation?>(nil)

    static func install(_ new: @escaping ConfigurationLayers.LegacyTranslation) { translation.withLock { $0 = new } }

    static var translate: ConfigurationLayers.LegacyTranslation {
        if let installed = translation.withLock({ $0 }) { return installed }
        return { _ in nil }
    }
}

/// When this command began.
enum CommandStart {
    static let instant = MonotonicInstant.now()
}
