// SPDX-License-Identifier: Apache-2.0

internal import KataAgent
internal import Testing

@Suite struct DeviceFilterTests {
    typealias Rule = DeviceFilter.Rule

    /// What the kernel would do: the program interpreted over struct bpf_cgroup_dev_ctx.
    private func isAllowed(
        _ filter: DeviceFilter, _ access: DeviceFilter.Access, _ kind: DeviceFilter.Kind, _ major: UInt32, _ minor: UInt32
    ) -> Bool {
        let context = [UInt32(access.rawValue) << 16 | UInt32(kind.rawValue), major, minor]
        var registers = [UInt64](repeating: 0, count: 11)
        let code = filter.instructions
        var next = 0
        while next < code.count {
            let word = code[next]
            let (target, source) = (Int(word >> 8 & 15), Int(word >> 12 & 15))
            let offset = Int(Int16(truncatingIfNeeded: word >> 16))
            let value = UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: word >> 32)))
            next += 1
            switch UInt8(truncatingIfNeeded: word) {
            case 0x61: registers[target] = UInt64(context[offset / 4])
            case 0xbf: registers[target] = registers[source]
            case 0xb7: registers[target] = value
            case 0x57: registers[target] &= value
            case 0x5f: registers[target] &= registers[source]
            case 0x47: registers[target] |= value
            case 0x77: registers[target] >>= value
            case 0x56: if UInt32(truncatingIfNeeded: registers[target]) != UInt32(truncatingIfNeeded: value) { next += offset }
            case 0x1d: if registers[target] == registers[source] { next += offset }
            case 0x95: return registers[0] == 1
            default: Issue.record("instruction \(word)")
            }
        }
        Issue.record("no exit")
        return false
    }

    @Test("without rules there are the standard devices, and every node can be made")
    func standard() {
        let filter = DeviceFilter([])
        #expect(isAllowed(filter, [.read, .write], .character, 1, 3))
        #expect(isAllowed(filter, .all, .character, 136, 77))
        #expect(isAllowed(filter, .makeNode, .block, 254, 0))
        #expect(!isAllowed(filter, .read, .block, 254, 0))
        #expect(!isAllowed(filter, [.read, .write], .character, 10, 200))
    }

    @Test("the last rule that matches decides, for each kind of access by itself")
    func order() {
        let filter = DeviceFilter([
            Rule(allows: false), Rule(allows: true, kind: .block, major: 8, access: .read),
            Rule(allows: true, kind: .block, major: 8, minor: 1, access: .write), Rule(allows: false, kind: .block, major: 8, minor: 2),
        ])
        #expect(isAllowed(filter, .read, .block, 8, 0))
        #expect(!isAllowed(filter, .write, .block, 8, 0))
        #expect(isAllowed(filter, [.read, .write], .block, 8, 1))
        #expect(!isAllowed(filter, .read, .block, 8, 2))
        #expect(!isAllowed(filter, .read, .character, 8, 0))
    }

    @Test("a rule for everything allows everything")
    func privileged() {
        let filter = DeviceFilter([Rule(allows: true)])
        #expect(isAllowed(filter, .all, .block, 4095, 1_048_575))
        #expect(isAllowed(filter, .all, .character, 10, 200))
    }

    @Test("letters name kinds of access", arguments: [("rwm", 7), ("r", 2), ("w", 4), ("m", 1), ("", 7)] as [(String, UInt8)])
    func letters(_ text: String, _ bits: UInt8) { #expect(DeviceFilter.Access(letters: text)?.rawValue == bits) }

    @Test func anUnknownLetterIsNone() { #expect(DeviceFilter.Access(letters: "rx") == nil) }
}

@Suite struct UserLookupTests {
    private let users = UserLookup(
        passwordFile: "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:100::/home/alice:/bin/sh\n42:x:7:8::/:/bin/sh\n",
        groupFile: "users:x:100:\nwheel:x:10:bob,alice\nbroken\n")

    @Test("a name has its id, its own group and the groups that list it")
    func name() throws {
        let found = try users.resolve(user: "alice", group: "", further: [])
        #expect(found.user == 1000 && found.group == 100 && found.additional == [10])
    }

    @Test("a group that is said replaces the user's own, and no others come with it")
    func group() throws {
        let found = try users.resolve(user: "alice", group: "wheel", further: ["users", "5"])
        #expect(found.user == 1000 && found.group == 10 && found.additional == [100, 5])
    }

    @Test("a number that nobody has is taken as it is, a name that is a number as a name")
    func numbers() throws {
        #expect(try users.resolve(user: "1234", group: "", further: []).user == 1234)
        #expect(try users.resolve(user: "42", group: "", further: []).user == 7)
    }

    @Test func unknownNamesAreRefusedByName() {
        #expect { try users.resolve(user: "eve", group: "", further: []) } throws: { "\($0)".contains("'eve'") }
        #expect { try users.resolve(user: "alice", group: "none", further: []) } throws: { "\($0)".contains("'none'") }
    }
}

@Suite struct SchedulingTests {
    @Test("a policy becomes struct sched_attr")
    func policy() throws {
        var scheduling = Scheduling()
        try scheduling.setPolicy(
            "SCHED_BATCH", nice: -3, priority: 0, flags: ["SCHED_FLAG_RESET_ON_FORK"], runtime: 0, deadline: 0, period: 0)
        let bytes = try #require(scheduling.attributes)
        #expect(bytes.count == 48)
        #expect(Array(bytes[0..<24]) == [48, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xfd, 0xff, 0xff, 0xff, 0, 0, 0, 0])
    }

    @Test("a processor list becomes a mask")
    func affinity() throws {
        var scheduling = Scheduling()
        try scheduling.setAffinity("0-2,9")
        #expect(scheduling.affinity?.prefix(2) == [0b111, 0b10])
    }

    @Test("class and level of I/O share a number")
    func ioPriority() throws {
        var scheduling = Scheduling()
        try scheduling.setIOPriority("IOPRIO_CLASS_IDLE", 7)
        #expect(scheduling.ioPriority == 0x6007)
    }

    @Test("what the kernel does not know is refused by name")
    func refusals() {
        var scheduling = Scheduling()
        #expect(throws: AgentFailure.self) {
            try scheduling.setPolicy("SCHED_NONE", nice: 0, priority: 0, flags: [], runtime: 0, deadline: 0, period: 0)
        }
        #expect(throws: AgentFailure.self) { try scheduling.setIOPriority("IOPRIO_CLASS_BE", 8) }
        for list in ["", "a", "3-1", "1-2-3", "1024", "-1"] {
            #expect(throws: AgentFailure.self, "\(list)") { try scheduling.setAffinity(list) }
        }
    }
}
