// SPDX-License-Identifier: Apache-2.0

public import KataConfig
public import KataSystem

extension AcceleratorChoice {
    /// The environment variable that counts before the configuration's `accelerator`.
    public static let environmentKey = "KATA_ACCEL"

    /// The environment's choice where it makes one, else this.
    public func overridden(by environment: [String: String]) throws(AcceleratorError) -> AcceleratorChoice {
        guard let text = environment[Self.environmentKey], !text.isEmpty else { return self }
        guard let choice = AcceleratorChoice(rawValue: text) else { throw .unknown(text) }
        return choice
    }
}

public enum AcceleratorError: FaultyError, Equatable {
    /// A value of the environment variable.
    case unknown(String)

    public var fault: Fault { .user }

    public var description: String {
        switch self {
        case .unknown(let text): "use \(AcceleratorChoice.environmentKey)='\(text)': only auto, kvm and tcg are known"
        }
    }
}

/// The accelerator that is taken, and what the user should know about it.
public struct AcceleratorDecision: Sendable, Equatable {
    public let accelerator: Accelerator
    /// One line; nil where nothing is odd.
    public let warning: String?

    public init(accelerator: Accelerator, warning: String?) {
        self.accelerator = accelerator
        self.warning = warning
    }

    /// - Parameter verdict: only looked at for `auto` and `kvm`.
    public static func decide(_ choice: AcceleratorChoice, verdict: KVMVerdict) -> AcceleratorDecision {
        switch (choice, verdict) {
        case (.tcg, _): AcceleratorDecision(accelerator: .tcg, warning: nil)
        case (_, .sound): AcceleratorDecision(accelerator: .kvm, warning: nil)
        case (.auto, .absent(let reason)):
            AcceleratorDecision(accelerator: .tcg, warning: "machines run in software emulation, which is slow: \(reason)")
        case (.auto, .emulated(let rate)):
            AcceleratorDecision(
                accelerator: .tcg,
                warning: "machines run in software emulation, which is slow: kvm of this host emulates guest kernels (\(rate.words))")
        case (.kvm, .absent(let reason)):
            AcceleratorDecision(accelerator: .kvm, warning: "kvm was asked for and will not work: \(reason)")
        case (.kvm, .emulated(let rate)):
            AcceleratorDecision(
                accelerator: .kvm,
                warning: "kvm was asked for, but kvm of this host emulates guest kernels (\(rate.words)): they may not boot")
        }
    }
}

extension LoopRate {
    var words: String { "\(perSecond / 1000) thousand loops per second instead of millions" }
}
