// SPDX-License-Identifier: Apache-2.0

package import KataOCI
internal import KataSandbox
package import KataSystem
internal import KataText
package import SystemPackage

/// What a shim is told by the command that starts it: one argument, as JSON.
package struct ShimLaunch: Codable, Sendable {
    /// Absolute paths.
    package var root: String
    package var sandbox: String
    package var container: String
    package var bundle: String
    /// As given by `--config`; nil searches as Kata does.
    package var configuration: String?
    /// As in `RuntimeContext`.
    package var legacyCall: String?
    /// When the command began, on CLOCK_MONOTONIC.
    package var startedNanoseconds: UInt64
    /// The command that reserved the id.
    package var creator: ProcessIdentity

    /// argv[0] of the program that runs as a shim.
    package static let name = "kata-shim"
    /// Where the shim writes its `ShimGreeting` to.
    package static let greetingNumber: CInt = 3
}

/// The one line that a shim says to the command that started it, before anything is asked of it.
package enum ShimGreeting: Codable, Sendable {
    /// Its sockets are there. `notices` are for the user.
    case ready(notices: [String])
    case failed(message: String)
}

/// The files of a sandbox's directory.
package struct SandboxDirectory: Sendable {
    package let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    /// The private service (ttRPC).
    package var serviceSocket: FilePath { path.appending("shim.sock") }
    /// Descriptors of workloads (`DescriptorExchange`).
    package var descriptorSocket: FilePath { path.appending("stdio.sock") }
    package var log: FilePath { path.appending("shim.log") }

    /// That of a sandbox whose shim serves.
    package static func serving(_ sandbox: ContainerID, below parent: FilePath = StateRoot.sandboxes) -> SandboxDirectory? {
        let directory = SandboxDirectory(parent.appending(sandbox.rawValue))
        // No directory, no socket or nobody who listens: there is none.
        return (try? UnixSocket.connect(directory.serviceSocket)) == nil ? nil : directory
    }

    /// A new directory for a container's sandbox: named as the container where the name is free and leaves room for a
    /// socket's path, else by a prefix and chance.
    package static func reserve(for container: ContainerID, below parent: FilePath = StateRoot.sandboxes) throws(SystemError)
        -> SandboxDirectory
    {
        try FileSystem.makeDirectory(parent, mode: 0o700)
        var name = container.rawValue
        if name.utf8.count > 64 { name = derived(container) }
        while true {
            let path = parent.appending(name)
            if try FileSystem.makeNewDirectory(path, mode: 0o700) { return SandboxDirectory(path) }
            name = derived(container)
        }
    }

    private static func derived(_ container: ContainerID) -> String {
        "\(container.rawValue.prefix(40))-\(String(UInt32.random(in: 0 ... .max), radix: 16))"
    }
}
