// SPDX-License-Identifier: Apache-2.0

import KataConfig
import KataHypervisor
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@Suite("accelerator")
struct AcceleratorTests {
    static let fast = LoopRate(perSecond: 2_000_000_000)
    static let slow = LoopRate(perSecond: 500_000)

    static let decisions: [(AcceleratorChoice, KVMVerdict, Accelerator, warns: Bool)] = [
        (.auto, .sound(fast), .kvm, false), (.kvm, .sound(fast), .kvm, false), (.tcg, .sound(fast), .tcg, false),
        (.auto, .emulated(slow), .tcg, true), (.kvm, .emulated(slow), .kvm, true), (.tcg, .emulated(slow), .tcg, false),
        (.auto, .absent(.unopenable(errno: 2)), .tcg, true), (.kvm, .absent(.unopenable(errno: 13)), .kvm, true),
        (.tcg, .absent(.unopenable(errno: 2)), .tcg, false),
    ]

    @Test("auto takes kvm only where it is sound; a choice is obeyed, with a warning where it cannot go well", arguments: decisions.indices)
    func decision(index: Int) {
        let (choice, verdict, accelerator, warns) = Self.decisions[index]
        let decision = AcceleratorDecision.decide(choice, verdict: verdict)
        #expect(decision.accelerator == accelerator)
        #expect((decision.warning != nil) == warns)
        #expect(decision.warning?.contains("\n") != true)
    }

    static let overrides: [(AcceleratorChoice, String?, AcceleratorChoice)] = [
        (.auto, nil, .auto), (.kvm, nil, .kvm), (.tcg, "kvm", .kvm), (.kvm, "", .kvm), (.kvm, "auto", .auto),
    ]

    @Test("the environment counts before the configuration", arguments: overrides.indices)
    func override(index: Int) throws {
        let (configured, environment, expected) = Self.overrides[index]
        let variables = environment.map { ["KATA_ACCEL": $0] } ?? [:]
        #expect(try configured.overridden(by: variables) == expected)
    }

    @Test("an unknown accelerator in the environment is refused")
    func unknown() {
        #expect(throws: AcceleratorError.unknown("hvf")) { try AcceleratorChoice.kvm.overridden(by: ["KATA_ACCEL": "hvf"]) }
    }
}

@Suite("kvm probe")
struct KVMProbeTests {
    @Test("the probe twice gives the same kind of verdict")
    func repeatable() async throws {
        let first = try await KVMProbe().measure()
        let second = try await KVMProbe().measure()
        switch (first, second) {
        case (.sound(let rate), .sound): #expect(rate.perSecond >= LoopRate.soundLimit.perSecond)
        case (.emulated(let rate), .emulated): #expect((1..<LoopRate.soundLimit.perSecond).contains(rate.perSecond))
        case (.absent(let left), .absent(let right)): #expect(left == right)
        default: Issue.record("\(first), then \(second)")
        }
    }

    @Test("a device that is not kvm is absent with its reason")
    func notKVM() async throws {
        #expect(try await KVMProbe(device: "/nonexistent/kvm").measure() == .absent(.unopenable(errno: 2)))
        let null = try await KVMProbe(device: "/dev/null").measure()
        guard case .absent(.refused(step: "say its version", _)) = null else {
            Issue.record("\(null)")
            return
        }
    }

    @Test("a verdict is remembered for this boot and this device only")
    func remembered() async throws {
        try await withTemporaryDirectory { directory in
            let record = HostRecord(path: directory.appending("sub").appending("host.json"))
            let boot = try ProcessIdentity.currentBootID()
            let status = try #require(try FileSystem.targetStatus("/dev/null"))
            func write(bootID: String, inode: UInt64) throws {
                let text = """
                    {"kvm": {"kind": "sound", "rate": {"perSecond": 77}}, "subject": {"bootID": "\(bootID)", \
                    "deviceNumber": \(status.deviceNumber), "fileSystem": \(status.device), "inode": \(inode)}, "version": 1}
                    """
                try FileSystem.makeDirectory(record.path.removingLastComponent())
                try AtomicFile.write(Array(text.utf8), to: record.path)
            }
            let probe = KVMProbe(device: "/dev/null")
            try write(bootID: boot, inode: status.inode)
            #expect(try await probe.verdict(record: record) == .sound(LoopRate(perSecond: 77)))
            #expect(try await probe.verdict(record: record, remeasure: true) != .sound(LoopRate(perSecond: 77)))
            try write(bootID: "another", inode: status.inode)
            #expect(try await probe.verdict(record: record) != .sound(LoopRate(perSecond: 77)))
            try write(bootID: boot, inode: status.inode + 1)
            #expect(try await probe.verdict(record: record) != .sound(LoopRate(perSecond: 77)))
        }
    }

    @Test("a damaged record is measured again and replaced")
    func damaged() async throws {
        try await withTemporaryDirectory { directory in
            let record = HostRecord(path: directory.appending("host.json"))
            try AtomicFile.write(Array("{\"version\": 1, ".utf8), to: record.path)
            let measured = try await KVMProbe().verdict(record: record)
            if case .absent = measured { return }
            // The very same rate: read, not measured.
            #expect(try await KVMProbe().verdict(record: record) == measured)
            #expect(try FileSystem.status(record.path)?.mode == 0o600)
        }
    }
}
