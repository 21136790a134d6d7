// SPDX-License-Identifier: Apache-2.0

public import KataSystem
public import SystemPackage

internal import Glibc

/// Linux 3.10 as far as its table of system calls goes: on x86-64 every number from 314 (sched_setattr, the first of 3.14) up answers
/// ENOSYS, as an unknown one does; getrandom, memfd_create, renameat2, statx, openat2 and pidfd_open among them. And no file without a name
/// can be made (O_TMPFILE, of 3.11).
public enum OldKernel {
    /// The calling thread's kernel is old from here on, and so is that of every program that the thread becomes.
    public static func enter() throws {
        // Nothing of it is undone by a program that changes its user (prctl(2), PR_SET_NO_NEW_PRIVS).
        try syscall("prctl", "PR_SET_NO_NEW_PRIVS") { prctl(38, 1, 0, 0, 0) }
        try filter.withUnsafeBytes { instructions in
            let program = Program(length: UInt16(filter.count), instructions: instructions.baseAddress)
            try withUnsafePointer(to: program) { pointer in
                _ = try syscall("prctl", "PR_SET_SECCOMP") { prctl(22, 2, UInt(bitPattern: pointer), 0, 0) }
            }
        }
    }

    /// What a call that is newer fails with: its errno, or 0.
    public static func errorOfGetrandom() throws -> CInt {
        var byte: UInt8 = 0
        return withUnsafeMutablePointer(to: &byte) { place in
            typealias Call = @convention(c) (CLong, UInt, UInt, UInt) -> CLong
            let call = unsafeBitCast(dlsym(nil, "syscall"), to: Call.self)
            return call(318, UInt(bitPattern: place), 1, 0) < 0 ? errno : 0
        }
    }

    /// What making a file without a name fails with: its errno, or 0.
    public static func errorOfUnnamedFile(in directory: FilePath) -> CInt {
        directory.string.withCString { open($0, CInt(Self.unnamed) | O_DIRECTORY | O_RDWR, 0o600) } < 0 ? errno : 0
    }

    /// Replaces this process, unless it throws, by a program on the old kernel, both of whose outputs go to a file.
    public static func become(_ program: FilePath, _ arguments: [String], output: borrowing OwnedFD) throws {
        for number: CInt in [1, 2] {
            let source = output.raw
            _ = try syscall("dup2", "\(number)") { dup2(source, number) }
        }
        try enter()
        var words = ([program.string] + arguments).map { strdup($0) } + [nil]
        var environment = [strdup("PATH=/usr/bin:/bin"), nil]
        try syscall("execve", program.string) { execve(program.string, &words, &environment) }
    }

    /// prctl(2) takes as many arguments as it needs, and Swift does not import such functions.
    private static func prctl(_ option: CInt, _ a: UInt, _ b: UInt, _ c: UInt, _ d: UInt) -> CInt {
        typealias Call = @convention(c) (CInt, UInt, UInt, UInt, UInt) -> CInt
        return unsafeBitCast(dlsym(nil, "prctl"), to: Call.self)(option, a, b, c, d)
    }

    /// struct sock_fprog.
    private struct Program {
        let length: UInt16
        let instructions: UnsafeRawPointer?
    }

    /// struct sock_filter (linux/filter.h), loading from struct seccomp_data (seccomp(2)).
    private struct Instruction {
        let code: UInt16
        let isTrue: UInt8
        let isFalse: UInt8
        let operand: UInt32
    }

    private static let filter: [Instruction] = [
        Instruction(code: 0x20, isTrue: 0, isFalse: 0, operand: 4),  // load the architecture
        Instruction(code: 0x15, isTrue: 0, isFalse: 2, operand: 0xC000_003E),  // AUDIT_ARCH_X86_64, or ENOSYS
        Instruction(code: 0x20, isTrue: 0, isFalse: 0, operand: 0),  // load the number
        Instruction(code: 0x35, isTrue: 0, isFalse: 1, operand: 314),  // 314 and up
        Instruction(code: 0x06, isTrue: 0, isFalse: 0, operand: 0x0005_0000 | 38),  // SECCOMP_RET_ERRNO, ENOSYS
        Instruction(code: 0x15, isTrue: 0, isFalse: 2, operand: 2),  // open: its second argument is flags
        Instruction(code: 0x20, isTrue: 0, isFalse: 0, operand: 24),
        Instruction(code: 0x05, isTrue: 0, isFalse: 0, operand: 2),  // on to the flags
        Instruction(code: 0x15, isTrue: 0, isFalse: 3, operand: 257),  // openat: its third
        Instruction(code: 0x20, isTrue: 0, isFalse: 0, operand: 32),
        Instruction(code: 0x45, isTrue: 0, isFalse: 1, operand: unnamed),
        Instruction(code: 0x06, isTrue: 0, isFalse: 0, operand: 0x0005_0000 | 95),  // SECCOMP_RET_ERRNO, EOPNOTSUPP
        Instruction(code: 0x06, isTrue: 0, isFalse: 0, operand: 0x7FFF_0000),  // SECCOMP_RET_ALLOW
    ]

    /// __O_TMPFILE, the bit of O_TMPFILE that is its own.
    private static let unnamed: UInt32 = 0o20000000
}
