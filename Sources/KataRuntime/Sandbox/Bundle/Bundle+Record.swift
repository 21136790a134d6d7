// SPDX-License-Identifier: Apache-2.0

package import KataBundle
package import KataOCI
internal import KataSystem
internal import SystemPackage

extension Bundle {
    /// What a container was made from, unchecked: later changes of its bundle mean nothing to it (runtime-spec, Lifecycle).
    package static func specification(of record: ContainerRecord, in root: StateRoot) throws(BundleError) -> Spec {
        let kept = root.specification(record.id)
        // One that waits for its first machine has not been made yet.
        return try specification(FileSystem.exists(kept) ? kept : FilePath(record.bundle).appending("config.json"))
    }
}
