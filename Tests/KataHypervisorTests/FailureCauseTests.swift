// SPDX-License-Identifier: Apache-2.0

import KataHypervisor
import KataSystem
import Testing

@Suite("likely cause of a failure")
struct FailureCauseTests {
    struct Row: Sendable {
        var cause: FailureCause
        var stage = MachineStage.spawned
        var exit: MachineExit? = MachineExit(status: .exited(1), reason: nil)
        var errors: [String] = []
        var console: [String] = []
    }

    static let reset = MachineExit(status: .exited(0), reason: .guestReset)

    /// Words of QEMU 7.2 and Linux 6.1, as they were printed.
    static let rows: [Row] = [
        Row(cause: .kernelMissing, errors: ["qemu: could not open kernel file '/nonexist': No such file or directory"]),
        Row(cause: .kernelNotBootable, errors: ["qemu: invalid kernel header"]),
        Row(cause: .kernelNotBootable, errors: ["qemu-system-x86_64: Error loading uncompressed kernel without PVH ELF Note"]),
        Row(
            cause: .initrdMissing,
            errors: ["qemu: error reading initrd /i: Failed to open file “/i”: open() failed: No such file or directory"]),
        Row(
            cause: .optionRefused, errors: ["qemu-system-x86_64: unsupported machine type", "Use -machine help to list supported machines"]),
        Row(cause: .optionRefused, errors: ["qemu-system-x86_64: Property 'pc-q35-7.2-machine.foo' not found"]),
        Row(cause: .optionRefused, errors: ["qemu-system-x86_64: unable to find CPU model 'blah'"]),
        Row(cause: .optionRefused, errors: ["qemu-system-x86_64: -device nonesuch: 'nonesuch' is not a valid device model name"]),
        Row(cause: .optionRefused, errors: ["qemu-system-x86_64: -sandbox blah: Parameter 'enable' expects 'on' or 'off'"]),
        Row(cause: .hostOutOfMemory, errors: ["qemu-system-x86_64: cannot set up guest memory 'ram': Cannot allocate memory"]),
        Row(cause: .kvmMissing, errors: ["qemu-system-x86_64: CPU model 'host' requires KVM or HVF"]),
        Row(
            cause: .kvmDenied,
            errors: [
                "Could not access KVM kernel module: Permission denied",
                "qemu-system-x86_64: -accel kvm: failed to initialize kvm: Permission denied",
            ]),
        Row(
            cause: .kvmMissing,
            errors: [
                "Could not access KVM kernel module: No such file or directory",
                "qemu-system-x86_64: -accel kvm: failed to initialize kvm: No such file or directory",
            ]),
        Row(
            cause: .kvmUnsound, exit: MachineExit(status: .signaled(6), reason: nil),
            errors: [
                "qemu-system-x86_64: error: failed to set MSR 0x10a to 0x69",
                "qemu-system-x86_64: ../../target/i386/kvm/kvm.c:3183: kvm_buf_set_msrs: Assertion `ret == cpu->kvm_msr_buf->nmsrs' failed.",
            ]),
        Row(cause: .kvmUnsound, stage: .machineReady, exit: nil, errors: ["KVM internal error. Suberror: 1"]),
        Row(
            cause: .vsockUnavailable,
            errors: ["qemu-system-x86_64: -device vhost-vsock-pci,guest-cid=4: vhost-vsock: failed to open vhost device"]),
        Row(
            cause: .noRootFileSystem, stage: .machineReady, exit: reset,
            console: ["[    1.251432] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)"]),
        Row(
            cause: .initrdUnreadable, stage: .machineReady, exit: reset,
            console: [
                "[    0.801395] Initramfs unpacking failed: invalid magic at start of compressed archive",
                "[    1.160954] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)",
            ]),
        Row(
            cause: .guestOutOfMemory, stage: .machineReady, exit: reset,
            console: ["[    1.0] Initramfs unpacking failed: write error", "[    2.0] Kernel panic - not syncing: No working init found."]),
        Row(
            cause: .initEnded, stage: .machineReady, exit: reset,
            console: ["[    2.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100"]),
        Row(
            cause: .guestPanicked, stage: .machineReady, exit: reset,
            console: ["[    0.1] Kernel panic - not syncing: IO-APIC + timer doesn't work!"]),
        Row(cause: .guestPanicked, stage: .machineReady, exit: reset),
        Row(
            cause: .guestPoweredOff, stage: .agentPortOpen, exit: MachineExit(status: .exited(0), reason: .guestShutdown), console: ["bye"]),
        Row(cause: .killed, stage: .machineReady, exit: MachineExit(status: .signaled(9), reason: nil)),
        Row(cause: .emulatorCrashed, stage: .machineReady, exit: MachineExit(status: .signaled(11), reason: nil)),
        Row(cause: .guestSilent, stage: .machineReady, exit: nil),
        Row(cause: .guestStillBooting, stage: .machineReady, exit: nil, console: ["[    0.1] Linux version 6.1.0"]),
        Row(cause: .agentNotReachable, stage: .machineReady, exit: nil, console: ["[    1.9] Run /init as init process"]),
        Row(cause: .agentNotReachable, stage: .machineReady, exit: nil, console: ["{\"level\":\"info\",\"message\":\"agent starts\"}"]),
        Row(cause: .agentHung, stage: .agentPortOpen, exit: nil, console: ["{\"level\":\"info\"}"]),
        Row(cause: .unknown, exit: nil),
        Row(cause: .unknown),
    ]

    @Test("what a machine left behind leads to its cause", arguments: rows.indices)
    func cause(index: Int) {
        let row = Self.rows[index]
        let facts = FailureFacts(
            problem: .endedAtStart, stage: row.stage, exit: row.exit, errorLines: row.errors, consoleLines: row.console)
        #expect(facts.likelyCause == row.cause)
    }

    @Test("the report names stage, status, the last words of qemu and guest, and one cause")
    func report() {
        let lines = (1...30).map { "line \($0)" }
        let facts = FailureFacts(
            problem: .agentPortClosed(after: .seconds(5)), stage: .machineReady, exit: Self.reset, errorLines: ["qemu: oops"],
            consoleLines: lines + ["Kernel panic - not syncing: x"])
        let failure = MachineFailure(machine: "m1", facts: facts)
        #expect(
            failure.report.split(separator: "\n").map(String.init) == [
                "machine 'm1': the guest did not open its agent port within 5.0 seconds",
                "  stage reached: guest started",
                "  qemu: exit status 0 (guest-reset)",
                "  qemu's last words:", "    | qemu: oops",
                "  the guest's console:",
            ] + lines.suffix(19).map { "    | \($0)" } + [
                "    | Kernel panic - not syncing: x",
                "  likely cause: the guest kernel panicked",
            ])
        #expect(failure.fault == .guest)
        #expect(!failure.description.contains("\n"))
    }
}
