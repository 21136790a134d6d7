// SPDX-License-Identifier: Apache-2.0

import KataBundle
import KataOCI
import SystemPackage
import Testing

@testable import KataSandbox

@Suite struct UnappliedPartsTests {
    private func parts(_ change: (inout Spec) -> Void) -> [String] {
        var spec = Spec(ociVersion: "1.2.1", process: ProcessSpec(args: ["true"], cwd: "/"), linux: LinuxSpec(resources: LinuxResources()))
        change(&spec)
        return Bundle(path: "/b", spec: spec, root: "/b/rootfs", document: []).unappliedParts
    }

    @Test func nothingAskedNothingTold() { #expect(parts { _ in } == []) }

    @Test func whatASpecificationAsksForWithoutEffectIsTold() {
        let told = parts {
            $0.process?.apparmorProfile = "docker-default"
            $0.process?.selinuxLabel = "system_u:x"
            $0.process?.capabilities = LinuxCapabilities(bounding: ["CAP_KILL", "CAP_FLY"])
            $0.linux?.resources?.memory = LinuxMemory(swappiness: 0)
            // A container is made with its device rules.
            $0.linux?.resources?.devices = [LinuxDeviceRule(allow: false, access: "rwm")]
            $0.linux?.personality = LinuxPersonality(domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"])
            $0.mounts = [MountSpec(destination: "/sys/fs/cgroup/systemd", type: "bind", source: "/sys/fs/cgroup/systemd")]
        }
        #expect(told.count == 6)
        for words in [
            "AppArmor profile 'docker-default'", "SELinux label 'system_u:x'", "capability 'CAP_FLY'", "linux.resources.memory.swappiness",
            "personality flags ADDR_NO_RANDOMIZE", "mount '/sys/fs/cgroup/systemd' is not made",
        ] { #expect(told.contains { $0.contains(words) }, "\(words)") }
    }

    @Test func capabilitiesThatLinuxCannotGrantAreLeftOutAndTold() {
        let asked = LinuxCapabilities(
            bounding: ["CAP_KILL", "cap_chown"], effective: ["CAP_KILL", "CAP_CHOWN"],
            inheritable: ["CAP_KILL", "CAP_CHOWN", "CAP_FOWNER"], permitted: ["CAP_KILL", "CAP_FLY"], ambient: ["CAP_KILL", "CAP_CHOWN"])
        #expect(
            asked.grantable
                == LinuxCapabilities(
                    bounding: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL"], inheritable: ["CAP_KILL", "CAP_CHOWN"],
                    permitted: ["CAP_KILL"], ambient: ["CAP_KILL"]))
        #expect(
            parts { $0.process?.capabilities = asked } == [
                "capability 'CAP_FLY' is not granted: Linux has none of this name",
                "capabilities that are not permitted are not made effective: CAP_CHOWN",
                "capabilities that are not in the bounding set are not made inheritable: CAP_FOWNER",
                "capabilities that are not both permitted and inheritable are not made ambient: CAP_CHOWN",
            ])
        #expect(parts { $0.process?.capabilities = asked.grantable } == [])
    }

    @Test func aPersonalityWithoutFlagsIsAppliedWhole() {
        #expect(parts { $0.linux?.personality = LinuxPersonality(domain: "LINUX32", flags: []) } == [])
    }
}
