// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import KataWire
import Testing

@testable import KataAgent

@Suite struct SystemCallFilterTests {
    @Test(
        "every action makes a program",
        arguments: ["KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO", "TRACE", "LOG", "ALLOW"])
    func actions(name: String) throws {
        let other = name == "ALLOW" ? "SCMP_ACT_KILL" : "SCMP_ACT_ALLOW"
        let profile = FilterProfile(defaultAction: other, rules: [.init(names: ["getpid"], action: "SCMP_ACT_\(name)")])
        #expect(try SystemCallFilter(profile).instructionCount > 3)
    }

    @Test("every comparison makes a program of its own", arguments: ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"])
    func comparisons(name: String) throws {
        func program(_ conditions: [FilterProfile.Condition]) throws -> [UInt8] {
            let rule = FilterProfile.Rule(names: ["personality"], action: "SCMP_ACT_ERRNO", conditions: conditions)
            return try SystemCallFilter(FilterProfile(defaultAction: "SCMP_ACT_ALLOW", rules: [rule])).program
        }
        let compared = try program([.init(index: 0, comparison: "SCMP_CMP_\(name)", value: 7, valueTwo: 3)])
        #expect(try compared != program([]))
        #expect(try compared != program([.init(index: 1, comparison: "SCMP_CMP_\(name)", value: 7, valueTwo: 3)]))
        let twice = [
            FilterProfile.Condition(index: 0, comparison: "SCMP_CMP_EQ", value: 0), .init(index: 0, comparison: "SCMP_CMP_EQ", value: 8),
        ]
        #expect(try program(twice).count > 0, "conditions on one argument are alternatives")
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
