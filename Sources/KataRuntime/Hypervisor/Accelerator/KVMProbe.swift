// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import KataSystem
public import SystemPackage

/// Finds out whether KVM runs guest kernel code at the processor's speed.
///
/// Hosts that are virtual machines themselves may offer a /dev/kvm that opens and runs guest user code well, while each
/// instruction of a guest kernel is emulated; no capability bit tells, only the clock does.
public struct KVMProbe: Sendable {
    public var device: FilePath
    /// A sound host needs a few milliseconds for these.
    var iterations: UInt64 = 4_000_000
    /// The whole cost on a host that is not sound, for each attempt.
    var limitNanoseconds: UInt64 = 50_000_000
    /// A sound host may have been busy with something else.
    var attempts = 2

    public init(device: FilePath = "/dev/kvm") { self.device = device }

    /// Measures, on a thread of its own: up to a tenth of a second.
    public func measure() async throws(SystemError) -> KVMVerdict {
        try await blocking("kvm-probe") { measureBlocking() }
    }

    func measureBlocking() -> KVMVerdict {
        let kvm: OwnedFD
        do throws(SystemError) {
            kvm = try OwnedFD.open(device, O_RDWR)
        } catch {
            return .absent(.unopenable(errno: error.errno.rawValue))
        }
        var best = LoopRate(perSecond: 0)
        for _ in 0..<attempts {
            var result = cl_kvm_probe()
            guard cl_kvm_run_loop(kvm.raw, iterations, limitNanoseconds, &result) == 0 else {
                return .absent(Self.absence(result))
            }
            best.perSecond = max(best.perSecond, Self.rate(result))
            if best.perSecond >= LoopRate.soundLimit.perSecond { return .sound(best) }
        }
        return .emulated(best)
    }

    static func rate(_ result: cl_kvm_probe) -> UInt64 {
        let (product, overflow) = result.iterations.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product / max(1, result.nanoseconds)
    }

    static func absence(_ result: cl_kvm_probe) -> KVMAbsence {
        if result.stage == CL_KVM_RUN, result.error == 0 {
            return .guestEntry(reason: result.exit_reason, suberror: result.suberror)
        }
        let step =
            switch result.stage {
            case CL_KVM_VERSION: "say its version"
            case CL_KVM_CREATE_VM: "create a machine"
            case CL_KVM_MEMORY: "give a machine memory"
            case CL_KVM_VCPU: "create a processor"
            case CL_KVM_REGISTERS: "set a processor's registers"
            case CL_KVM_TIMER: "be timed"
            default: "run a processor"
            }
        return .refused(step: step, errno: result.error)
    }
}
