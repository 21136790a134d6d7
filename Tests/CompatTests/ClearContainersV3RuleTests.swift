// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import KataText
import SystemPackage
import Testing

/// The keys that some release from 3.0.0 to 3.0.23 read, with their types and the patch levels, as its sources have them.
private let upstreamKeys: [(key: String, type: String, since: Int, until: Int)] = [
    ("hypervisor.qemu.path", "a string", 0, 23),
    ("hypervisor.qemu.kernel", "a string", 0, 23),
    ("hypervisor.qemu.image", "a string", 0, 23),
    ("hypervisor.qemu.machine_type", "a string", 0, 23),
    ("hypervisor.qemu.kernel_params", "a string", 0, 23),
    ("hypervisor.qemu.default_vcpus", "an integer", 0, 23),
    ("hypervisor.qemu.default_memory", "an integer", 0, 23),
    ("hypervisor.qemu.disable_block_device_use", "a boolean", 0, 23),
    ("hypervisor.qemu.enable_mem_prealloc", "a boolean", 0, 23),
    ("hypervisor.qemu.enable_swap", "a boolean", 0, 23),
    ("hypervisor.qemu.enable_debug", "a boolean", 0, 23),
    ("hypervisor.qemu.enable_hugepages", "a boolean", 3, 23),
    ("hypervisor.qemu.disable_nesting_checks", "a boolean", 3, 23),
    ("hypervisor.qemu.firmware", "a string", 9, 23),
    ("hypervisor.qemu.machine_accelerators", "a string", 9, 23),
    ("hypervisor.qemu.default_bridges", "an integer", 10, 23),
    ("hypervisor.qemu.block_device_driver", "a string", 21, 23),
    ("proxy.cc.url", "a string", 0, 9),
    ("proxy.cc.path", "a string", 10, 23),
    ("proxy.cc.enable_debug", "a boolean", 10, 23),
    ("shim.cc.path", "a string", 0, 23),
    ("shim.cc.enable_debug", "a boolean", 4, 23),
    ("agent.hyperstart.pause_root_path", "a string", 0, 5),
    ("runtime.global_log_path", "a string", 0, 7),
    ("runtime.enable_debug", "a boolean", 4, 23),
    ("runtime.internetworking_model", "a string", 18, 23),
]

@Suite("Clear Containers 3.0 rules")
struct ClearContainersV3RuleTests {
    @Test("each key of the releases has exactly one rule, with its type and releases", arguments: upstreamKeys.indices)
    func oneRule(_ index: Int) throws {
        let upstream = upstreamKeys[index]
        let rules = ClearContainersV3.rules.filter { $0.source.description == upstream.key }
        #expect(rules.count == 1)
        let rule = try #require(rules.first)
        #expect(rule.type.name == upstream.type)
        #expect(rule.releases == Release(3, 0, upstream.since)...Release(3, 0, upstream.until))
    }

    @Test("no rule is about a key that no release had")
    func noInventedRule() {
        #expect(Set(ClearContainersV3.rules.map(\.source.description)) == Set(upstreamKeys.map(\.key)))
    }

    @Test("every key that a rule writes is a key of the unified configuration")
    func targetsExist() {
        for rule in ClearContainersV3.rules {
            if let target = rule.fate.target { #expect(target.definition != nil, "\(target)") }
        }
    }

    @Test("no two rules write the same key")
    func targetsDiffer() {
        let targets = ClearContainersV3.rules.compactMap(\.fate.target)
        #expect(Set(targets).count == targets.count)
    }

    @Test("a golden case sets each key, and its fate is the rule's")
    func everyKeyHasACase() throws {
        let accounts = try ClearContainersV3GoldenTests.cases.flatMap { try ClearContainersV3GoldenTests.translation(of: $0).provenance }
        for rule in ClearContainersV3.rules {
            let fates = Set(accounts.filter { $0.source == rule.source }.map(\.fate)).subtracting([.refused, .unknown])
            switch rule.fate {
            case .carried: #expect(fates == [.carried], "\(rule.source)")
            case .mapped: #expect(fates.contains(.carried) || fates.contains(.mapped), "\(rule.source)")
            case .replaced: #expect(fates == [.replaced], "\(rule.source)")
            case .dropped: #expect(fates == [.dropped], "\(rule.source)")
            }
        }
    }

    @Test("each text that a choice allows is one that the unified configuration allows")
    func choicesAreAllowed() {
        for rule in ClearContainersV3.rules {
            guard case .mapped(let target, .choices(let choices)) = rule.fate else { continue }
            guard case .choice(let allowed) = target.definition?.type else {
                Issue.record("\(target) is no choice")
                continue
            }
            #expect(choices.compactMap(\.to).filter { !allowed.contains($0) } == [], "\(rule.source)")
        }
    }

    @Test("a default that differs from today's is written out, one that does not is left out", arguments: ClearContainersV3.rules.indices)
    func defaults(_ index: Int) throws {
        let rule = ClearContainersV3.rules[index]
        guard let target = rule.fate.target, let absent = rule.absent else { return }
        let source = SourceText(path: "configuration.toml", text: "[shim.cc]\npath = \"x\"\n[proxy.cc]\npath = \"x\"\n")
        let document = ClearContainersV3.dialect.translation(of: source, assets: ClearContainersV3GoldenTests.assets).document
        let key = try #require(target.definition)
        if let written = document.value(of: target) {
            #expect(written.tomlText != key.defaultValue?.tomlText)
        } else {
            // What cc-runtime did, or what stands for it today.
            #expect(absent.tomlText == key.defaultValue?.tomlText || rule.source.name == "machine_type")
        }
    }
}
