// SPDX-License-Identifier: Apache-2.0
#include "kvm_probe.h"

#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

// Guest physical layout: four pages of tables that map the first 2 MiB to themselves, then the code.
enum { PML4 = 0x1000, PDPT = 0x2000, PD = 0x3000, CODE = 0x4000, MEMORY_SIZE = 0x10000 };
enum { PRESENT = 1, WRITABLE = 2, LARGE = 1 << 7 };
enum { CR0_PE = 1, CR0_ET = 1 << 4, CR0_PG = 1u << 31, CR4_PAE = 1 << 5, EFER_LME = 1 << 8, EFER_LMA = 1 << 10 };
enum { KERNEL_SIGNAL_SET_SIZE = 8, WAKE_SIGNAL_OFFSET = 3 };

static const uint8_t code[] = {
    0x48, 0xff, 0xc9,       // 1: dec rcx
    0x75, 0xfb,             //    jnz 1b
    0xe6, 0x10,             //    out 0x10, al
    0xf4,                   //    hlt
};

struct machine {
    int vm, vcpu;
    uint8_t *memory;
    struct kvm_run *run;
    size_t run_size;
};

static int create(int kvm, struct machine *machine, struct cl_kvm_probe *result) {
    result->stage = CL_KVM_VERSION;
    int version = ioctl(kvm, KVM_GET_API_VERSION, 0);
    if (version < 0) return -1;
    if (version != KVM_API_VERSION) {
        errno = ENOTSUP;
        return -1;
    }
    result->stage = CL_KVM_CREATE_VM;
    machine->vm = ioctl(kvm, KVM_CREATE_VM, 0);
    if (machine->vm < 0) return -1;
    result->stage = CL_KVM_MEMORY;
    machine->memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (machine->memory == MAP_FAILED) return -1;
    struct kvm_userspace_memory_region region = {
        .slot = 0, .guest_phys_addr = 0, .memory_size = MEMORY_SIZE, .userspace_addr = (uintptr_t)machine->memory};
    if (ioctl(machine->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0) return -1;
    result->stage = CL_KVM_VCPU;
    // Intel hosts without unrestricted guests need these pages; elsewhere the call is refused and not needed.
    (void)ioctl(machine->vm, KVM_SET_TSS_ADDR, 0xfffbd000UL);
    machine->vcpu = ioctl(machine->vm, KVM_CREATE_VCPU, 0);
    if (machine->vcpu < 0) return -1;
    int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (size < (int)sizeof *machine->run) return -1;
    machine->run_size = (size_t)size;
    machine->run = mmap(NULL, machine->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, machine->vcpu, 0);
    return machine->run == MAP_FAILED ? -1 : 0;
}

static void destroy(struct machine *machine) {
    int error = errno;
    if (machine->run != MAP_FAILED) munmap(machine->run, machine->run_size);
    if (machine->vcpu >= 0) close(machine->vcpu);
    if (machine->vm >= 0) close(machine->vm);
    if (machine->memory != MAP_FAILED) munmap(machine->memory, MEMORY_SIZE);
    errno = error;
}

static int enter_long_mode(struct machine *machine, uint64_t iterations) {
    uint64_t entry = PDPT | PRESENT | WRITABLE;
    memcpy(machine->memory + PML4, &entry, sizeof entry);
    entry = PD | PRESENT | WRITABLE;
    memcpy(machine->memory + PDPT, &entry, sizeof entry);
    entry = PRESENT | WRITABLE | LARGE;
    memcpy(machine->memory + PD, &entry, sizeof entry);
    memcpy(machine->memory + CODE, code, sizeof code);

    struct kvm_sregs system;
    if (ioctl(machine->vcpu, KVM_GET_SREGS, &system) < 0) return -1;
    struct kvm_segment text = {.limit = 0xffffffff, .selector = 8, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1};
    struct kvm_segment data = {.limit = 0xffffffff, .selector = 16, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1};
    system.cs = text;
    system.ds = system.es = system.fs = system.gs = system.ss = data;
    system.cr3 = PML4;
    system.cr4 = CR4_PAE;
    system.cr0 = CR0_PE | CR0_ET | CR0_PG;
    system.efer = EFER_LME | EFER_LMA;
    if (ioctl(machine->vcpu, KVM_SET_SREGS, &system) < 0) return -1;
    struct kvm_regs registers = {.rip = CODE, .rcx = iterations, .rflags = 2};
    return ioctl(machine->vcpu, KVM_SET_REGS, &registers);
}

// The wake signal is blocked everywhere but inside KVM_RUN, so it only ends that call and no handler ever runs.
static int let_signal_end_run(struct machine *machine, const sigset_t *inside) {
    union {
        struct kvm_signal_mask header;
        uint8_t bytes[offsetof(struct kvm_signal_mask, sigset) + KERNEL_SIGNAL_SET_SIZE];
    } mask;
    mask.header.len = KERNEL_SIGNAL_SET_SIZE;
    memcpy(mask.header.sigset, inside, KERNEL_SIGNAL_SET_SIZE);
    return ioctl(machine->vcpu, KVM_SET_SIGNAL_MASK, &mask);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// Returns 0 at the guest's own end and at the time limit.
static int run(struct machine *machine, uint64_t iterations, struct cl_kvm_probe *result) {
    uint64_t start = now();
    int outcome = ioctl(machine->vcpu, KVM_RUN, 0), error = errno;
    result->nanoseconds = now() - start;
    if (outcome < 0 && error != EINTR) {
        errno = error;
        return -1;
    }
    if (outcome == 0 && machine->run->exit_reason == KVM_EXIT_IO) {
        result->iterations = iterations;
        return 0;
    }
    if (outcome == 0 && machine->run->exit_reason != KVM_EXIT_INTR) {
        result->exit_reason = machine->run->exit_reason;
        if (machine->run->exit_reason == KVM_EXIT_INTERNAL_ERROR) result->suberror = machine->run->internal.suberror;
        errno = 0;
        return -1;
    }
    struct kvm_regs registers;
    if (ioctl(machine->vcpu, KVM_GET_REGS, &registers) < 0) return -1;
    result->iterations = registers.rcx <= iterations ? iterations - registers.rcx : 0;
    return 0;
}

static int run_with_limit(struct machine *machine, uint64_t iterations, uint64_t limit, struct cl_kvm_probe *result) {
    int wake = SIGRTMIN + WAKE_SIGNAL_OFFSET, outcome = -1;
    sigset_t only_wake, before, inside;
    sigemptyset(&only_wake);
    sigaddset(&only_wake, wake);
    result->stage = CL_KVM_TIMER;
    if (pthread_sigmask(SIG_BLOCK, &only_wake, &before) != 0) return -1;
    sigfillset(&inside);
    sigdelset(&inside, wake);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = wake};
    event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
    timer_t timer;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0) goto restore;
    // Repeated, so that a first alarm before KVM_RUN was entered is not the last.
    struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(limit / 1000000000), .tv_nsec = (long)(limit % 1000000000) | 1}, // 0 disarms
        .it_interval = {.tv_nsec = 10000000}};
    if (let_signal_end_run(machine, &inside) == 0 && timer_settime(timer, 0, &when, NULL) == 0) {
        result->stage = CL_KVM_RUN;
        outcome = run(machine, iterations, result);
    }
    int error = errno;
    timer_delete(timer);
    struct timespec none = {0, 0};
    while (sigtimedwait(&only_wake, NULL, &none) > 0) {}
    errno = error;
restore:
    error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return outcome;
}

int cl_kvm_run_loop(int kvm, uint64_t iterations, uint64_t limit_nanoseconds, struct cl_kvm_probe *result) {
    memset(result, 0, sizeof *result);
    struct machine machine = {.vm = -1, .vcpu = -1, .memory = MAP_FAILED, .run = MAP_FAILED};
    int outcome = create(kvm, &machine, result);
    if (outcome == 0) {
        result->stage = CL_KVM_REGISTERS;
        outcome = enter_long_mode(&machine, iterations);
    }
    if (outcome == 0) outcome = run_with_limit(&machine, iterations, limit_nanoseconds, result);
    result->error = outcome == 0 ? 0 : errno;
    if (outcome == 0) result->stage = CL_KVM_DONE;
    destroy(&machine);
    return outcome;
}
