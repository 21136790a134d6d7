// SPDX-License-Identifier: Apache-2.0
// Times guest kernel code under KVM (ioctls of linux/kvm.h, Documentation/virt/kvm/api.rst).
#ifndef CLINUX_KVM_PROBE_H
#define CLINUX_KVM_PROBE_H

#include <stdint.h>

/// Where a probe ended.
enum cl_kvm_stage {
    CL_KVM_VERSION,
    CL_KVM_CREATE_VM,
    CL_KVM_MEMORY,
    CL_KVM_VCPU,
    CL_KVM_REGISTERS,
    CL_KVM_TIMER,
    CL_KVM_RUN,
    CL_KVM_DONE
};

struct cl_kvm_probe {
    enum cl_kvm_stage stage;  ///< CL_KVM_DONE, or the step that failed
    int error;                ///< errno of that step; 0 when the guest left in an unexpected way
    uint32_t exit_reason;     ///< KVM_EXIT_* of that unexpected way
    uint32_t suberror;        ///< of KVM_EXIT_INTERNAL_ERROR
    uint64_t iterations;      ///< of the loop that were run
    uint64_t nanoseconds;     ///< that they took
};

/// Runs at most `iterations` of a two-instruction loop in ring 0 of a 64-bit guest, for at most `limit_nanoseconds`.
/// `kvm` is an open /dev/kvm. Returns 0 when the guest ran until its end or until the time was over, else -1.
int cl_kvm_run_loop(int kvm, uint64_t iterations, uint64_t limit_nanoseconds, struct cl_kvm_probe *result);

#endif
