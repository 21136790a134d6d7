// SPDX-License-Identifier: Apache-2.0

package import Compat
package import SystemPackage

/// Where the new system has its things on the host.
package struct TargetLayout: Sendable {
    package let prefix: FilePath
    /// What pods are to ask for.
    package var manifests = ManifestOptions.standard

    /// - Parameter prefix: as given to `make install`.
    package init(prefix: FilePath = "/usr/local") {
        self.prefix = prefix
    }

    package var runtime: FilePath { prefix.appending("bin").appending("kata-runtime") }
    /// Our runtime under the names of the old ones, apart from the directories that an engine searches.
    package var legacyNames: FilePath { prefix.appending("libexec").appending("kata-swift").appending("legacy") }
    /// What `make install` wrote: a SHA-256 digest and a path in each line.
    var installedFiles: FilePath { prefix.appending("share").appending("kata-swift").appending("installed") }
    package var configuration: FilePath { "/etc/kata-containers/configuration.toml" }
    /// What `make install` lays over it, to name kernel and initrd.
    var assetDropIn: FilePath { ConfigurationFile.dropInDirectory(of: configuration).appending("50-assets.toml") }
    /// One directory for each container that waits for its first start.
    package var coldRecords: FilePath { "/var/lib/kata-swift/sandboxes" }
    /// One directory for each container that has a VM.
    static let runningContainers: FilePath = "/run/kata-swift"
    /// One directory for each plan that was applied.
    package var journals: FilePath { "/var/lib/kata-migrate" }

    /// What takes the place of the old hypervisor and guest files.
    package var assets: TargetAssets { .installed(below: prefix) }
}
