// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataText

package struct Features: ParsableCommand {
    package static let configuration = CommandConfiguration(
        abstract: "Say which parts of the specification are implemented, as JSON (runtime-spec, Features).")

    package init() {}

    package func run() throws {
        write(String(decoding: try encodeJSON(FeatureDocument(), pretty: true), as: UTF8.self) + "\n", to: STDOUT_FILENO)
    }
}

/// A member that is absent says nothing either way.
private struct FeatureDocument: Encodable {
    struct Linux: Encodable {
        struct Cgroup: Encodable {
            let v1 = false
            let v2 = true
            let systemd = false
            let systemdUser = false
        }
        struct Switch: Encodable { let enabled: Bool }

        /// The network namespace is the VM's; user and time namespaces are not made.
        let namespaces = ["cgroup", "ipc", "mount", "network", "pid", "uts"]
        /// Of the guest, where the limits hold.
        let cgroup = Cgroup()
        let seccomp = Switch(enabled: false)
        let apparmor = Switch(enabled: false)
        let selinux = Switch(enabled: false)
    }

    let ociVersionMin = "1.0.0"
    let ociVersionMax = RuntimeVersion.specification
    let hooks = ["prestart", "createRuntime", "poststart", "poststop"]
    let linux = Linux()
}
