// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// Whether the kubelet runs and says of itself that it is well. It knows runtimes only by the names of handlers, so of those its engine is
/// asked.
struct KubeletHealth {
    static let what = "the kubelet serves its node again"
    /// Where it answers unless its configuration says otherwise (`healthzBindAddress`, `healthzPort`).
    private static let address = "http://127.0.0.1:10248/healthz"

    let host: any Host

    func finding() -> VerificationFinding {
        func finding(_ verdict: VerificationFinding.Verdict, _ detail: String) -> VerificationFinding {
            VerificationFinding(what: Self.what, verdict: verdict, detail: detail)
        }
        do throws(SystemError) {
            let state = try host.ask(["systemctl", "is-active", "kubelet.service"])
            guard state.status == 0 else { return finding(.failed, "kubelet.service is \(state.words): see 'journalctl -u kubelet'") }
        } catch {
            return finding(.unknown, "systemctl cannot be run: \(error)")
        }
        do throws(SystemError) {
            let answer = try host.ask(["curl", "--silent", "--show-error", "--max-time", "5", Self.address])
            // A port may have been moved or closed.
            guard answer.status == 0 else {
                return finding(.unknown, "its service is active; at \(Self.address) nobody answers: \(answer.words)")
            }
            return answer.said.hasPrefix("ok")
                ? finding(.passed, "it says 'ok' at \(Self.address)") : finding(.failed, "at \(Self.address) it says: \(answer.words)")
        } catch {
            return finding(.unknown, "its service is active; curl is not installed to ask it for its health")
        }
    }
}
