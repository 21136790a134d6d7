// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// An annotation of a pod by which an engine chose the runtime.
enum LegacyAnnotation: String, CaseIterable {
    case crioTrusted = "io.kubernetes.cri-o.TrustedSandbox"
    case containerdUntrusted = "io.kubernetes.cri.untrusted-workload"
    case fraktiOSContainer = "runtime.frakti.alpha.kubernetes.io/OSContainer"
    case fraktiUnikernel = "runtime.frakti.alpha.kubernetes.io/Unikernel"

    /// What the annotation asked its engine for.
    enum Wish: Equatable {
        case sandboxed
        case shared
        /// It changed nothing.
        case nothing
        /// No engine of today does it.
        case impossible
    }

    /// All of them compare with `true` exactly: CRI-O's isTrue, containerd's untrustedWorkload, frakti's isOSContainerRuntimeRequired.
    func wish(_ value: String) -> Wish {
        switch (self, value == "true") {
        case (.crioTrusted, true): .nothing
        case (.crioTrusted, false): .sandboxed
        case (.containerdUntrusted, let isTrue): isTrue ? .sandboxed : .nothing
        case (.fraktiOSContainer, true): .shared
        // Whoever writes this has frakti, which puts all other pods in virtual machines.
        case (.fraktiOSContainer, false): .sandboxed
        case (.fraktiUnikernel, let isTrue): isTrue ? .impossible : .nothing
        }
    }
}
