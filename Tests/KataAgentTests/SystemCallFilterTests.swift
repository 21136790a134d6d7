// SPDX-License-Identifier: Apache-2.0

import KataOCI
import KataSystem
import KataTestSupport
import KataWire
import Testing

@testable import KataAgent

@Suite struct SystemCallFilterTests {
    /// SECCOMP_RET_* (linux/seccomp.h), with EPERM where an error number belongs and none is said.
    private static let actionTable: [(name: String, value: UInt32)] = [
        ("KILL", 0), ("KILL_THREAD", 0), ("KILL_PROCESS", 0x8000_0000), ("TRAP", 0x0003_0000), ("ERRNO", 0x0005_0001),
        ("TRACE", 0x7ff0_0001), ("LOG", 0x7ffc_0000), ("ALLOW", 0x7fff_0000),
    ]
    private static let getpid = FilterMachine.Call(number: 39)
    private static let getuid = FilterMachine.Call(number: 102)

    @Test("every action is what its call is answered with, and what all others are as the default", arguments: actionTable)
    func actions(name: String, value: UInt32) throws {
        let (other, otherValue): (String, UInt32) = name == "ALLOW" ? ("SCMP_ACT_TRAP", 0x0003_0000) : ("SCMP_ACT_ALLOW", 0x7fff_0000)
        let rule = FilterProfile.Rule(names: ["getpid"], action: "SCMP_ACT_\(name)")
        let machine = FilterMachine(try SystemCallFilter(FilterProfile(defaultAction: other, rules: [rule])))
        #expect(try machine.action(on: Self.getpid) == value)
        #expect(try machine.action(on: Self.getuid) == (other == "SCMP_ACT_TRAP" ? 0x0005_0026 : otherValue), "what is newer is ENOSYS")
        let reversed = FilterProfile(
            defaultAction: "SCMP_ACT_\(name)", rules: [.init(names: ["getpid", "io_uring_setup"], action: other)])
        let standard = FilterMachine(try SystemCallFilter(reversed))
        #expect(try standard.action(on: Self.getuid) == value)
        #expect(try standard.action(on: Self.getpid) == otherValue)
    }

    @Test("the actions of the specification are all there")
    func allActions() {
        #expect(Set(Self.actionTable.map { "SCMP_ACT_" + $0.name } + ["SCMP_ACT_NOTIFY"]) == Set(LinuxSeccomp.actions))
    }

    @Test("an error number is the rule's own, and zero is one", arguments: [UInt32(0), 38, 4094])
    func errorNumbers(number: UInt32) throws {
        for (name, base) in [("ERRNO", UInt32(0x0005_0000)), ("TRACE", 0x7ff0_0000)] {
            let rule = FilterProfile.Rule(names: ["getpid"], action: "SCMP_ACT_\(name)", errno: number)
            let machine = FilterMachine(try SystemCallFilter(FilterProfile(defaultAction: "SCMP_ACT_ALLOW", rules: [rule])))
            #expect(try machine.action(on: Self.getpid) == base | number)
        }
    }

    /// Whether each comparison with 7, under the mask 3 for the last, holds for 0, 6, 7, 8 and 2^32 + 7.
    private static let comparisonTable: [(name: String, holds: [Bool])] = [
        ("NE", [true, true, false, true, true]), ("LT", [true, true, false, false, false]), ("LE", [true, true, true, false, false]),
        ("EQ", [false, false, true, false, false]), ("GE", [false, false, true, true, true]), ("GT", [false, false, false, true, true]),
        ("MASKED_EQ", [false, false, true, false, true]),
    ]

    private static func filter(_ conditions: [FilterProfile.Condition]) throws -> SystemCallFilter {
        let rule = FilterProfile.Rule(names: ["personality"], action: "SCMP_ACT_ERRNO", conditions: conditions)
        return try SystemCallFilter(FilterProfile(defaultAction: "SCMP_ACT_ALLOW", rules: [rule]))
    }

    private static func condition(_ name: String, _ index: UInt32 = 0) -> FilterProfile.Condition {
        // MASKED_EQ has its mask first: 7 & 3 == 3.
        name == "MASKED_EQ"
            ? .init(index: index, comparison: "SCMP_CMP_MASKED_EQ", value: 3, valueTwo: 3)
            : .init(index: index, comparison: "SCMP_CMP_\(name)", value: 7)
    }

    @Test("every comparison holds for what it says, whichever argument it is of", arguments: comparisonTable)
    func comparisons(name: String, holds: [Bool]) throws {
        for index in 0..<6 as Range<UInt32> {
            let machine = FilterMachine(try Self.filter([Self.condition(name, index)]))
            for (value, isMet) in zip([0, 6, 7, 8, 1 << 32 + 7] as [UInt64], holds) {
                var arguments = [UInt64](repeating: 99, count: 6)
                arguments[Int(index)] = value
                let action = try machine.action(on: .init(number: 135, arguments: arguments))
                #expect(action == (isMet ? 0x0005_0001 : 0x7fff_0000), "\(name) 7 of argument \(index), which is \(value)")
            }
        }
    }

    @Test("every comparison makes a program of its own")
    func distinctComparisons() throws {
        let programs = try Self.comparisonTable.map { try Self.filter([Self.condition($0.name)]).program } + [try Self.filter([]).program]
        #expect(Set(programs).count == LinuxSeccomp.operators.count + 1)
        #expect(Set(Self.comparisonTable.map { "SCMP_CMP_" + $0.name }) == Set(LinuxSeccomp.operators))
    }

    @Test("conditions on several arguments must all hold, and those on one argument are alternatives")
    func severalConditions() throws {
        func answers(_ conditions: [FilterProfile.Condition], _ arguments: UInt64...) throws -> Bool {
            try FilterMachine(try Self.filter(conditions)).action(on: .init(number: 135, arguments: arguments)) == 0x0005_0001
        }
        let both = [Self.condition("EQ", 0), Self.condition("GT", 1)]
        #expect(try answers(both, 7, 8))
        #expect(try !answers(both, 7, 7))
        #expect(try !answers(both, 6, 8))
        let either = [
            FilterProfile.Condition(index: 0, comparison: "SCMP_CMP_EQ", value: 0), .init(index: 0, comparison: "SCMP_CMP_EQ", value: 8),
        ]
        #expect(try answers(either, 0))
        #expect(try answers(either, 8))
        #expect(try !answers(either, 7))
    }

    /// AUDIT_ARCH_* (linux/audit.h) and the number of getpid there.
    private static let architectureTable: [(name: String, token: UInt32, getpid: UInt32)] = [
        ("SCMP_ARCH_X86", 0x4000_0003, 20), ("SCMP_ARCH_X86_64", 0xC000_003E, 39), ("SCMP_ARCH_X32", 0xC000_003E, 0x4000_0000 + 39),
        ("SCMP_ARCH_ARM", 0x4000_0028, 20), ("SCMP_ARCH_AARCH64", 0xC000_00B7, 172), ("SCMP_ARCH_MIPSEL", 0x4000_0008, 4020),
        ("SCMP_ARCH_MIPSEL64", 0xC000_0008, 5038), ("SCMP_ARCH_MIPSEL64N32", 0xE000_0008, 6038), ("SCMP_ARCH_PPC64LE", 0xC000_0015, 20),
        ("SCMP_ARCH_RISCV64", 0xC000_00F3, 172),
    ]

    @Test("each architecture that is taken has the rules, and without it its calls end the thread", arguments: architectureTable)
    func architectures(name: String, token: UInt32, getpid: UInt32) throws {
        var profile = FilterProfile(defaultAction: "SCMP_ACT_ALLOW", rules: [.init(names: ["getpid"], action: "SCMP_ACT_ERRNO")])
        let call = FilterMachine.Call(architecture: token, number: getpid)
        let without = try FilterMachine(try SystemCallFilter(profile)).action(on: call)
        #expect(without == (name == "SCMP_ARCH_X86_64" ? 0x0005_0001 : 0))
        profile.architectures = [name]
        #expect(try FilterMachine(try SystemCallFilter(profile)).action(on: call) == 0x0005_0001)
        #expect(try FilterMachine(try SystemCallFilter(profile)).action(on: Self.getpid) == 0x0005_0001, "the guest's own is always there")
    }

    @Test("the names that are told to be taken are, and the specification's others are not")
    func architectureNames() throws {
        #expect(Set(Self.architectureTable.map(\.name)) == Set(LinuxSeccomp.architectures))
        for name in LinuxSeccomp.foreignArchitectures {
            let profile = FilterProfile(defaultAction: "SCMP_ACT_ALLOW", architectures: [name])
            #expect(throws: AgentFailure.self, "\(name)") { try SystemCallFilter(profile) }
        }
    }

    @Test("architectures add programs, unknown words are refused, unknown calls are passed over")
    func words() throws {
        var profile = FilterProfile(defaultAction: "SCMP_ACT_ALLOW", rules: [.init(names: ["getpid"], action: "SCMP_ACT_ERRNO")])
        let alone = try SystemCallFilter(profile).instructionCount
        profile.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"]
        #expect(try SystemCallFilter(profile).instructionCount > alone)
        profile.rules[0].names.append("no_such_call")
        _ = try SystemCallFilter(profile)
        profile.flags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC"]
        #expect(try SystemCallFilter(profile).flags == 6)
        for spoil in [
            { $0.architectures = ["SCMP_ARCH_PDP11"] }, { $0.flags = ["NONE"] }, { $0.defaultAction = "SCMP_ACT_NOTIFY" },
            { $0.rules[0].action = "ALLOW" }, { $0.rules[0].conditions = [.init(index: 6, comparison: "SCMP_CMP_EQ", value: 0)] },
            { $0.rules[0].conditions = [.init(index: 0, comparison: "EQ", value: 0)] },
        ] as [(inout FilterProfile) -> Void] {
            var spoilt = profile
            spoil(&spoilt)
            #expect(throws: AgentFailure.self) { try SystemCallFilter(spoilt) }
        }
    }

    @Test("a profile that refuses by default answers ENOSYS to calls that are newer than it")
    func newer() throws {
        let rule = FilterProfile.Rule(names: ["read", "statx"], action: "SCMP_ACT_ALLOW")
        let strict = try SystemCallFilter(FilterProfile(defaultAction: "SCMP_ACT_ERRNO", rules: [rule]))
        let loose = try SystemCallFilter(FilterProfile(defaultAction: "SCMP_ACT_LOG", rules: [rule]))
        let answer: [UInt8] = [0x06, 0, 0, 0, 38, 0, 5, 0]
        #expect(Array(strict.program[40..<48]) == answer)
        #expect(!loose.program.indices.dropLast(7).contains { Array(loose.program[$0..<$0 + 8]) == answer })
    }
}

@Suite(.serialized, .needs(.root, .program("unshare"), .program("busybox")), .timeLimit(.minutes(2)))
struct GuestSeccompTests {
    private static func profile(_ spec: inout WireSpec) {
        spec.linux.seccomp = .with {
            $0.defaultAction = "SCMP_ACT_ALLOW"
            $0.syscalls = [
                .with {
                    $0.names = ["mkdir", "mkdirat"]
                    $0.action = "SCMP_ACT_ERRNO"
                    $0.errnoRet = .errnoret(28)
                },
                .with {
                    $0.names = ["kill"]
                    $0.action = "SCMP_ACT_ERRNO"
                    $0.args = [
                        .with {
                            $0.index = 1
                            $0.op = "SCMP_CMP_EQ"
                            $0.value = 10
                        }
                    ]
                },
            ]
        }
    }

    @Test("the filter holds for a container's first process and for later ones, with and without no_new_privs", arguments: [true, false])
    func holds(noNewPrivileges: Bool) async throws {
        try await AgentFixture.with { agent async throws in
            let script =
                "export PATH=/bin; busybox grep Seccomp: /proc/self/status; busybox mkdir /tmp/a || echo none; "
                + "kill -0 $$ && echo alive; kill -USR1 $$ || echo refused"
            var spec = agent.specification(script)
            Self.profile(&spec)
            spec.process.noNewPrivileges = noNewPrivileges
            let text = try await agent.run("c", spec).output
            #expect(text == "Seccomp:\t2\nnone\nalive\nrefused\n")

            spec.process = agent.process("sleep 100")
            spec.process.noNewPrivileges = noNewPrivileges
            try await agent.create("d", spec)
            try await agent.start("d")
            var later = agent.process("busybox mkdir /tmp/b; exit $?")
            later.noNewPrivileges = noNewPrivileges
            try await agent.execute("e", in: "d", later)
            #expect(try await agent.wait("d", exec: "e") == 1, "mkdir is refused in a later process, too")
            try await agent.signal(9, "d")
            try await agent.remove("d")
        }
    }
}
