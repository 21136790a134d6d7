// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataConfig
internal import KataHypervisor
internal import KataSandbox
internal import KataSystem
internal import KataText
internal import SystemPackage

package struct Check: ParsableCommand {
    package static let configuration = CommandConfiguration(
        abstract: "Say whether this host can run containers in virtual machines.", aliases: ["kata-check"])

    @ParentCommand private var parent: KataRuntimeCommand

    package init() {}

    package func run() throws {
        var findings = [Finding(geteuid() == 0, "root", "run as root")]
        let outcome = try parent.context.loadConfiguration()
        if let configuration = outcome.result.value?.configuration, let file = outcome.file {
            findings.append(Finding(true, "configuration \(file)", ""))
            let hypervisor = configuration.hypervisor
            var parts = [("qemu", hypervisor.path), ("guest kernel", hypervisor.kernel), ("initrd", hypervisor.initrd)]
            if case .virtioFS(let keys) = hypervisor.sharedFileSystem { parts.append(("virtiofsd", keys.daemon)) }
            for (name, path) in parts {
                findings.append(
                    Finding(FileSystem.exists(path), "\(name) \(path)", "install it, or name another in the configuration"))
            }
        } else {
            findings.append(Finding(false, "configuration", "see kata-runtime config check"))
        }
        let decision = try HostAccelerator.decide(
            outcome.result.value?.configuration.hypervisor.accelerator ?? .auto, remeasure: true)
        findings.append(Finding(true, "accelerator \(decision.accelerator.rawValue)\(decision.warning.map { ": \($0)" } ?? "")", ""))
        write(findings.map(\.line).joined(), to: STDOUT_FILENO)
        if findings.contains(where: { !$0.isGood }) { throw WorkloadStatus(status: 1) }
    }
}

private struct Finding {
    let isGood: Bool
    let subject: String
    let remedy: String

    init(_ isGood: Bool, _ subject: String, _ remedy: String) {
        self.isGood = isGood
        self.subject = subject
        self.remedy = remedy
    }

    var line: String { isGood ? "ok       \(subject)\n" : "missing  \(subject): \(remedy)\n" }
}
