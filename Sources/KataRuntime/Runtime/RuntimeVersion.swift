// SPDX-License-Identifier: Apache-2.0

/// What this program is.
enum RuntimeVersion {
    static let number = "0.1.0"
    /// The runtime-spec that is followed.
    static let specification = "1.2.1"
    /// As runc says it: docker and podman take the second word after `version` and the line `spec:`.
    static let text = "kata-runtime version \(number)\nspec: \(specification)"
}
