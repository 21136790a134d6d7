// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataOCI
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
struct FeatureDocument: Encodable {
    struct Linux: Encodable {
        struct Cgroup: Encodable {
            let v1 = false
            let v2 = true
            let systemd = true
            let systemdUser = false
        }
        struct Seccomp: Encodable {
            let enabled = true
            let actions = [
                "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
                "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
            ]
            let operators = LinuxSeccomp.operators.sorted()
            let archs = LinuxSeccomp.architectures.sorted()
            let knownFlags = [
                "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_LOG",
                "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
            ]
        }
        struct Switch: Encodable { let enabled: Bool }

        /// The network namespace of a sandbox's first container is the VM's.
        let namespaces = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]
        let capabilities = LinuxCapabilities.names
        /// Of the guest, where the limits hold.
        let cgroup = Cgroup()
        let seccomp = Seccomp()
        let apparmor = Switch(enabled: false)
        let selinux = Switch(enabled: false)
        let intelRdt = Switch(enabled: false)
    }

    let ociVersionMin = "1.0.0"
    let ociVersionMax = RuntimeVersion.specification
    let hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
    let linux = Linux()
}
