// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// What /dev/kvm of this host is good for.
public enum KVMVerdict: Sendable, Equatable {
    /// It cannot be used at all.
    case absent(KVMAbsence)
    /// Guest kernel code is emulated instruction by instruction: a kernel takes minutes to boot, if it can.
    case emulated(LoopRate)
    case sound(LoopRate)
}

/// Iterations of a two-instruction loop in guest ring 0.
public struct LoopRate: Sendable, Equatable, Codable {
    public var perSecond: UInt64

    public init(perSecond: UInt64) { self.perSecond = perSecond }

    /// Processors run it at their clock rate or near it, three orders of magnitude above an emulated ring 0
    /// (half a million was seen); a busy host that gives us a tenth of a processor is still above this.
    public static let soundLimit = LoopRate(perSecond: 50_000_000)
}

/// Why there is no KVM.
public enum KVMAbsence: Sendable, Equatable, CustomStringConvertible {
    case unopenable(errno: CInt)
    /// An ioctl(2) that every working KVM knows failed.
    case refused(step: String, errno: CInt)
    /// The first instructions of a guest ended in KVM_EXIT_`reason`.
    case guestEntry(reason: UInt32, suberror: UInt32)

    public var description: String {
        switch self {
        case .unopenable(let code): "cannot open /dev/kvm: \(Errno(rawValue: code))"
        case .refused(let step, let code): "/dev/kvm cannot \(step): \(Errno(rawValue: code))"
        case .guestEntry(let reason, let suberror): "a guest's first instructions end in kvm exit \(reason), suberror \(suberror)"
        }
    }
}
