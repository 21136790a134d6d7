// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import CSeccomp
internal import KataSystem

/// A program for seccomp(2), made by libseccomp from a profile.
package struct SystemCallFilter: Sendable, Equatable {
    /// `struct sock_filter` one after the other.
    package let program: [UInt8]
    /// SECCOMP_FILTER_FLAG_*.
    package let flags: UInt32

    package var instructionCount: Int { program.count / Self.instructionSize }

    static let instructionSize = 8
    /// BPF_MAXINSNS.
    private static let largest = 4096

    package init(_ profile: FilterProfile) throws {
        flags = try profile.flags.reduce(0) { try $0 | Self.flag($1) }
        let standard = try Self.action(profile.defaultAction, profile.defaultErrno)
        guard let context = seccomp_init(standard) else {
            throw AgentFailure.invalid("start a seccomp filter with '\(profile.defaultAction)'")
        }
        defer { seccomp_release(context) }
        // no_new_privs is the process's own affair.
        try Self.check(seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0), "set no_new_privs of a seccomp filter")
        for name in profile.architectures { try Self.add(name, to: context) }
        for rule in profile.rules { try Self.add(rule, to: context, standard) }
        let body = try Self.export(context)
        let prefix = Self.refusesWhatIsNewer(profile, standard) ? Self.newerSystemCalls(than: Self.newest(profile)) : []
        program = prefix + body
        guard instructionCount <= Self.largest else {
            throw AgentFailure.invalid("make a seccomp filter: \(instructionCount) instructions are more than the kernel's \(Self.largest)")
        }
    }

    private static func export(_ context: scmp_filter_ctx) throws -> [UInt8] {
        let (reader, writer) = try OwnedFD.pipe().split { (SharedFD($0), SharedFD($1)) }
        // The largest program is 32 KiB, and a pipe holds 64.
        try check(writer.withRaw { seccomp_export_bpf(context, $0) }, "write a seccomp filter")
        _ = consume writer
        return try reader.read(upTo: largest * 2 * instructionSize)
    }

    private static func check(_ status: CInt, _ what: String) throws {
        guard status >= 0 else { throw AgentFailure.invalid("\(what): errno \(-status)") }
    }

    // MARK: words

    /// EPERM.
    private static let permissionDenied: UInt32 = 1

    private static func action(_ name: String, _ errno: UInt32?) throws -> UInt32 {
        let data = (errno ?? permissionDenied) & 0xffff
        return switch name {
        case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": 0
        case "SCMP_ACT_KILL_PROCESS": 0x8000_0000
        case "SCMP_ACT_TRAP": 0x0003_0000
        case "SCMP_ACT_ERRNO": 0x0005_0000 | data
        case "SCMP_ACT_TRACE": 0x7ff0_0000 | data
        case "SCMP_ACT_LOG": 0x7ffc_0000
        case "SCMP_ACT_ALLOW": 0x7fff_0000
        case "SCMP_ACT_NOTIFY":
            throw AgentFailure.unsupported("use seccomp action '\(name)': its listener would be outside the virtual machine")
        default: throw AgentFailure.invalid("use seccomp action '\(name)': there is none of that name")
        }
    }

    private static func flag(_ name: String) throws -> UInt32 {
        switch name {
        case "SECCOMP_FILTER_FLAG_TSYNC": 0  // the process has one thread
        case "SECCOMP_FILTER_FLAG_LOG": 1 << 1
        case "SECCOMP_FILTER_FLAG_SPEC_ALLOW": 1 << 2
        case "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV": 0  // of listeners
        default: throw AgentFailure.invalid("use seccomp flag '\(name)': there is none of that name")
        }
    }

    private static func comparison(_ name: String) throws -> scmp_compare {
        switch name {
        case "SCMP_CMP_NE": SCMP_CMP_NE
        case "SCMP_CMP_LT": SCMP_CMP_LT
        case "SCMP_CMP_LE": SCMP_CMP_LE
        case "SCMP_CMP_EQ": SCMP_CMP_EQ
        case "SCMP_CMP_GE": SCMP_CMP_GE
        case "SCMP_CMP_GT": SCMP_CMP_GT
        case "SCMP_CMP_MASKED_EQ": SCMP_CMP_MASKED_EQ
        default: throw AgentFailure.invalid("use seccomp comparison '\(name)': there is none of that name")
        }
    }

    private static func add(_ architecture: String, to context: scmp_filter_ctx) throws {
        let prefix = "SCMP_ARCH_"
        let token = architecture.hasPrefix(prefix) ? seccomp_arch_resolve_name(architecture.dropFirst(prefix.count).lowercased()) : 0
        guard token != 0 else { throw AgentFailure.invalid("use seccomp architecture '\(architecture)': there is none of that name") }
        let status = seccomp_arch_add(context, token)
        if status != -EEXIST { try check(status, "add seccomp architecture '\(architecture)'") }
    }

    private static func add(_ rule: FilterProfile.Rule, to context: scmp_filter_ctx, _ standard: UInt32) throws {
        let action = try action(rule.action, rule.errno)
        let conditions = try rule.conditions.map { condition in
            guard condition.index < 6 else {
                throw AgentFailure.invalid("compare argument \(condition.index) of a system call: there are six")
            }
            return scmp_arg_cmp(
                arg: condition.index, op: try comparison(condition.comparison), datum_a: condition.value, datum_b: condition.valueTwo)
        }
        // libseccomp takes each argument once; runc makes alternatives of conditions on the same one.
        let isRepeated = Set(conditions.map(\.arg)).count < conditions.count
        let alternatives = isRepeated ? conditions.map { [$0] } : [conditions]
        guard action != standard else { return }
        for name in rule.names {
            let number = seccomp_syscall_resolve_name(name)
            // A name that this libseccomp does not know is one that the kernel's default action meets.
            guard number != Self.unknown else { continue }
            for alternative in alternatives {
                try check(
                    seccomp_rule_add_array(context, action, number, UInt32(alternative.count), alternative),
                    "add system call '\(name)' to the seccomp filter")
            }
        }
    }

    /// __NR_SCMP_ERROR.
    private static let unknown: CInt = -1

    // MARK: system calls that the profile's author did not know

    /// A program that finds EPERM for a system call newer than its profile believes that it must not; with ENOSYS, which such a
    /// call would have had then, it takes the older way.
    private static func refusesWhatIsNewer(_ profile: FilterProfile, _ standard: UInt32) -> Bool {
        standard < 0x7ff0_0000 || standard == 0x8000_0000
    }

    private static func newest(_ profile: FilterProfile) -> UInt32 {
        let numbers = profile.rules.flatMap(\.names).map { seccomp_syscall_resolve_name($0) }
        return UInt32(max(numbers.max() ?? 0, 0))
    }

    /// Instructions that answer ENOSYS to native calls above a number, and go on to the filter with all others. x32's numbers, which
    /// have bit 30 set, are the filter's.
    private static func newerSystemCalls(than newest: UInt32) -> [UInt8] {
        guard newest > 0 else { return [] }
        let load: UInt16 = 0x20  // BPF_LD | BPF_W | BPF_ABS
        let isEqual: UInt16 = 0x15  // BPF_JMP | BPF_JEQ | BPF_K
        let isGreater: UInt16 = 0x25  // BPF_JMP | BPF_JGT | BPF_K
        let isAtLeast: UInt16 = 0x35  // BPF_JMP | BPF_JGE | BPF_K
        let answer: UInt16 = 0x06  // BPF_RET | BPF_K
        let instructions: [(code: UInt16, yes: UInt8, no: UInt8, operand: UInt32)] = [
            (load, 0, 0, 4), (isEqual, 0, 4, seccomp_arch_native()), (load, 0, 0, 0), (isAtLeast, 2, 0, 0x4000_0000),
            (isGreater, 0, 1, newest), (answer, 0, 0, 0x0005_0000 | UInt32(ENOSYS)),
        ]
        return instructions.flatMap { instruction in
            withUnsafeBytes(of: instruction.code) { Array($0) } + [instruction.yes, instruction.no]
                + withUnsafeBytes(of: instruction.operand) { Array($0) }
        }
    }
}
