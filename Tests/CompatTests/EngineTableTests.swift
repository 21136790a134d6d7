// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// The releases of an engine that read a file alike, with the four cases that each such group has.
private struct EngineGroup: Sendable, CustomTestStringConvertible {
    let engine: Engine
    let title: String
    /// As its packages have it, edited by hand, with every key, with mistakes.
    let cases: [String]
    /// The names under which the case with every key says something.
    let keys: Set<String>

    var testDescription: String { "\(engine.rawValue) \(title)" }

    private static let shimKeys = ["shim", "runtime_root", "no_shim"]
    private static let criKeys = [
        "runtime_type", "privileged_without_host_devices", "pod_annotations", "container_annotations", "options.ConfigPath",
    ]
    private static let runcKeys = ["options.BinaryName", "options.Root", "options.SystemdCgroup"]
    private static let linuxKeys = ["runtime_engine", "options.Runtime", "options.RuntimeRoot"]

    static let all = [
        EngineGroup(
            engine: .containerd, title: "before 1.0",
            cases: ["default-before-1.0", "before-1.0", "every-flag-before-1.0", "mistakes-before-1.0"],
            keys: ["runtime", "--runtime-args", "--shim", "--config", "--state-dir"]),
        EngineGroup(
            engine: .containerd, title: "version 1",
            cases: ["default-1.2", "version-1-by-1.2", "every-key-version-1", "mistakes-version-1"],
            keys: Set(shimKeys + criKeys + linuxKeys + ["options.SystemdCgroup", "untrusted", "default", "kata", "runv"])),
        EngineGroup(
            engine: .containerd, title: "version 2", cases: ["default-1.7", "version-2", "every-key-version-2", "mistakes-version-2"],
            keys: Set(shimKeys + criKeys + runcKeys + linuxKeys + ["runtime_path", "sandbox_mode", "kata", "cc", "runv"])),
        EngineGroup(
            engine: .containerd, title: "version 3", cases: ["default-2.0", "version-3", "every-key-version-3", "mistakes"],
            keys: Set(criKeys + runcKeys + ["runtime_path", "sandboxer", "kata", "cc"])),
        EngineGroup(
            engine: .crio, title: "trusted and untrusted", cases: ["default-1.9", "trust-1.9", "every-key-1.9", "mistakes-1.9"],
            keys: ["runtime", "untrusted", "default_workload_trust", "conmon"]),
        EngineGroup(
            engine: .crio, title: "handlers", cases: ["default-1.24", "handlers", "every-key-1.24", "mistakes"],
            keys: [
                "conmon", "conmon_cgroup", "manage_ns_lifecycle", "manage_network_ns_lifecycle", "runtime_path",
                "runtime_type", "runtime_root", "runtime_config_path", "privileged_without_host_devices", "allowed_annotations",
                "monitor_path", "runc", "kata",
            ]),
        EngineGroup(
            engine: .kubelet, title: "flags", cases: ["default-1.18", "environment-files", "every-flag-1.18", "mistakes-1.18"],
            keys: [
                "--container-runtime", "--container-runtime-endpoint", "--image-service-endpoint", "--runtime-request-timeout",
                "--cgroup-driver", "--runtime-cgroups", "--docker", "--docker-endpoint", "--docker-root", "--docker-exec-handler",
                "--docker-env-metadata-whitelist", "--experimental-dockershim-root-directory", "--pod-infra-container-image",
                "--image-pull-progress-deadline", "--feature-gates", "--config", "--config-dir", "--network-plugin", "--cni-bin-dir",
                "--cni-conf-dir", "--hairpin-mode", "--non-masquerade-cidr",
            ]),
        EngineGroup(
            engine: .kubelet, title: "KubeletConfiguration",
            cases: ["default-1.27", "configuration", "every-member-1.27", "configuration-mistakes"],
            keys: [
                "containerRuntimeEndpoint", "imageServiceEndpoint", "runtimeRequestTimeout", "cgroupDriver", "hairpinMode", "featureGates",
            ]),
    ]

    func sample(_ kind: Int) throws -> EngineCase {
        let directory = try #require(EngineCase.cases(of: engine).first { $0.path.lastComponent?.string == cases[kind] }, "\(cases[kind])")
        return try EngineCase(directory, engine)
    }
}

extension EngineRegistrations {
    /// Everything that is said by name.
    fileprivate var names: Set<String> {
        Set(settings.map(\.name) + registrations.flatMap { [$0.runtimeName] + $0.settings.map(\.name) })
    }
}

/// Each engine has four cases for each way in which its releases were told of runtimes; other suites hold them against what is expected.
@Suite struct EngineTableTests {
    @Test(arguments: EngineGroup.all)
    private func aDefaultFileIsTakenWholeAndNamesNoOldRuntime(group: EngineGroup) throws {
        let result = try group.sample(0).result
        #expect(result.diagnostics.filter { $0.severity == .error }.isEmpty)
        let programs = try #require(result.partial).registrations.compactMap { $0.binaryPath.lastComponent?.string }
        #expect(programs.allSatisfy { $0 == "runc" }, "\(programs)")
    }

    @Test(arguments: EngineGroup.all)
    private func anEditedFileIsChangedWhereItNamesOne(group: EngineGroup) throws {
        let sample = try group.sample(1)
        #expect(!sample.result.hasErrors)
        #expect(try !sample.edits(to: "/usr/local/bin/kata-runtime").isEmpty)
    }

    @Test(arguments: EngineGroup.all)
    private func everyKeyIsRead(group: EngineGroup) throws {
        let result = try group.sample(2).result
        #expect(!result.hasErrors, "\(result.diagnostics)")
        #expect(group.keys.subtracting(try #require(result.partial).names).sorted() == [])
    }

    @Test(arguments: EngineGroup.all)
    private func mistakesAreFound(group: EngineGroup) throws {
        let found = try group.sample(3).result.diagnostics
        #expect(found.contains { $0.severity == .error } && Set(found.map(\.code)).count > 1)
    }
}
