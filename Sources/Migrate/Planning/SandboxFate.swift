// SPDX-License-Identifier: Apache-2.0

package import Compat

/// What becomes of a sandbox.
package struct SandboxFate: Sendable, Equatable {
    package enum Verdict: String, Sendable, CaseIterable {
        /// It becomes created containers of the new runtime.
        case moved
        /// Its engine has its containers and makes it anew; of the old runtime's records nothing is needed.
        case leftToEngine = "left to its engine"
        case leftRunning = "left running"
        case undecided = "awaits a decision"
        /// Nobody can start it again.
        case stale
        case notCarried = "cannot be carried"
    }

    package let sandbox: LegacySandboxID
    /// The old system's name.
    package let system: String
    package let verdict: Verdict
    /// Whether it is stopped first, because it runs.
    package let isDrained: Bool
    /// One clause; for what is not carried with what to do about it.
    package let reason: String
}

/// Who is asked to stop a pod.
package enum PodKeeper: String, Sendable, Codable {
    case crio, containerd, frakti, hyperd

    /// The program that speaks to it.
    var client: String { self == .hyperd ? "hyperctl" : "crictl" }

    /// Where it listens for the kubelet unless it is told otherwise; hyperd's own client needs no address.
    var usualEndpoint: String {
        switch self {
        case .crio: "unix:///var/run/crio/crio.sock"
        case .containerd: "unix:///run/containerd/containerd.sock"
        case .frakti, .hyperd: "unix:///var/run/frakti.sock"
        }
    }

    /// - Parameter endpoint: nil for the usual one.
    func stopping(_ pod: String, at endpoint: String?) -> [String] {
        self == .hyperd ? ["hyperctl", "stop", pod] : ["crictl", "--runtime-endpoint", endpoint ?? usualEndpoint, "stopp", pod]
    }

    /// Nil where a stopped pod is never started again, but made anew.
    func starting(_ pod: String) -> [String]? { self == .hyperd ? ["hyperctl", "start", pod] : nil }
}
