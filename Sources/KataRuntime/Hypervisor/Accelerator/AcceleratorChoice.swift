// SPDX-License-Identifier: Apache-2.0

public import KataSystem

/// What the configuration or the environment asks for.
public enum AcceleratorRequest: String, Sendable, CaseIterable {
    /// KVM where the probe finds it sound, else emulation.
    case auto
    case kvm
    case tcg

    /// Overrides the configuration's `accelerator`.
    public static let environmentKey = "KATA_ACCEL"

    /// The environment counts before the configuration.
    public static func resolve(
        configured: String?, environment: [String: String]
    ) throws(AcceleratorError) -> AcceleratorRequest {
        if let text = environment[environmentKey], !text.isEmpty {
            guard let request = AcceleratorRequest(rawValue: text) else { throw .unknown(text, origin: environmentKey) }
            return request
        }
        guard let text = configured, !text.isEmpty else { return .auto }
        guard let request = AcceleratorRequest(rawValue: text) else { throw .unknown(text, origin: "accelerator") }
        return request
    }
}

public enum AcceleratorError: FaultyError, Equatable {
    /// `origin` is the variable or key that holds it.
    case unknown(String, origin: String)

    public var fault: Fault { .user }

    public var description: String {
        switch self {
        case .unknown(let text, let origin): "choose accelerator '\(text)' of \(origin): only auto, kvm and tcg are known"
        }
    }
}

/// The accelerator that is taken, and what the user should know about it.
public struct AcceleratorChoice: Sendable, Equatable {
    public let accelerator: Accelerator
    /// One line; nil where nothing is odd.
    public let warning: String?

    public init(accelerator: Accelerator, warning: String?) {
        self.accelerator = accelerator
        self.warning = warning
    }

    /// - Parameter verdict: only looked at for `auto` and `kvm`.
    public static func choose(_ request: AcceleratorRequest, verdict: KVMVerdict) -> AcceleratorChoice {
        switch (request, verdict) {
        case (.tcg, _): AcceleratorChoice(accelerator: .tcg, warning: nil)
        case (_, .sound): AcceleratorChoice(accelerator: .kvm, warning: nil)
        case (.auto, .absent(let reason)):
            AcceleratorChoice(accelerator: .tcg, warning: "machines run in software emulation, which is slow: \(reason)")
        case (.auto, .emulated(let rate)):
            AcceleratorChoice(
                accelerator: .tcg,
                warning: "machines run in software emulation, which is slow: kvm of this host emulates guest kernels (\(rate.words))")
        case (.kvm, .absent(let reason)):
            AcceleratorChoice(accelerator: .kvm, warning: "kvm was asked for and will not work: \(reason)")
        case (.kvm, .emulated(let rate)):
            AcceleratorChoice(
                accelerator: .kvm,
                warning: "kvm was asked for, but kvm of this host emulates guest kernels (\(rate.words)): they may not boot")
        }
    }
}

extension LoopRate {
    var words: String { "\(perSecond / 1000) thousand loops per second instead of millions" }
}
