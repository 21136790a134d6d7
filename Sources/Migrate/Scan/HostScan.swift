// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
package import SystemPackage

/// What of the old system there is on a host: the result of reading, nothing of it decided.
package struct HostScan: Sendable {
    package let root: FilePath
    package let system: OperatingSystem?
    /// Nil when the package database is of a kind that is not read here.
    package let packages: [InstalledPackage]?
    package let files: [InstalledFile]
    package let configurations: [ConfigurationFile]
    package let docker: DockerHost?
    package let sandboxes: [FoundSandbox]
    package let brokenRecords: [BrokenRecord]
    /// Nil when the processes are not known.
    package let processes: [LegacyProcess]?
    package let units: [LegacyUnit]
    /// Shared-directory mounts that belong to no sandbox on record; nil when the mounts are not known.
    package let strayMounts: [FilePath]?
    package let diagnostics: [Diagnostic]
    /// By path.
    package let observations: [FilePath: Observation]
    /// The texts that diagnostics point into.
    package let sources: [FilePath: SourceText]

    /// The configuration that the old runtime reads.
    package var configuration: ConfigurationFile? { configurations.first { $0.standing == .inUse } }

    /// Processes of sandboxes that have no record, or none that can be read; empty when the processes are not known.
    package var strayProcesses: [LegacyProcess] {
        let known = Set(sandboxes.map(\.id.rawValue))
        return processes?.filter { process in process.sandbox.map { !known.contains($0) } ?? false } ?? []
    }

    /// Whether there is anything of the old system at all.
    package var isEmpty: Bool {
        packages?.isEmpty != false && files.isEmpty && configurations.isEmpty && sandboxes.isEmpty && brokenRecords.isEmpty && units.isEmpty
            && processes?.contains { $0.role != .engine } != true && docker?.legacyRegistrations.isEmpty != false
    }

    /// The version of the old runtime: of its package, else what the sandbox records allow.
    package var version: String? {
        if let package = packages?.first(where: { $0.name == "cc-runtime" }) { return package.version }
        let releases = sandboxes.map(\.record.releases)
        guard let first = releases.first else { return nil }
        return releases.dropFirst().reduce(Optional(first)) { known, next in known.flatMap { $0.common(with: next) } }?.title
    }

    package init(of view: HostView) {
        var survey = Survey(of: view)
        survey.report(view.facts.diagnostics)
        root = view.path
        system = OperatingSystem.found(by: &survey)
        packages = InstalledPackage.found(by: &survey)
        files = InstalledFile.found(by: &survey)
        let dialect = ClearContainersV3.dialect
        docker = DockerHost.found(by: &survey)
        configurations = ConfigurationFile.found(
            of: dialect, named: docker?.namedConfigurations ?? [], packages: packages, by: &survey)
        processes = view.facts.processes?.compactMap(LegacyProcess.init)
        let evidence = SandboxEvidence(facts: view.facts, processes: processes, docker: docker)
        (sandboxes, brokenRecords) = FoundSandbox.found(with: evidence, by: &survey)
        units = LegacyUnit.found(by: &survey)
        let onRecord = Set(sandboxes.map(\.id.rawValue) + brokenRecords.map(\.id.rawValue))
        strayMounts = evidence.mounts.map {
            $0.filter { !onRecord.contains($0.key) }.values.flatMap(\.self).sorted { $0.string < $1.string }
        }
        survey.reportUnknownFacts()
        survey.reportOtherSystems()
        diagnostics = survey.diagnostics
        observations = survey.observations
        sources = survey.sources
    }
}

extension Survey {
    /// "Not known" must not be taken for "none".
    fileprivate mutating func reportUnknownFacts() {
        let facts = view.facts
        let why = view.isCopy ? "a copied tree holds files only" : "/proc cannot be read"
        let asked: [(name: String, isKnown: Bool)] = [
            ("processes", facts.processes != nil), ("mounts", facts.mounts != nil), ("sockets", facts.sockets != nil),
            ("states of units", facts.units != nil),
        ]
        let unknown = asked.filter { !$0.isKnown }.map(\.name)
        if !unknown.isEmpty { report(.unknownFacts(unknown, why: why)) }
        let hidden = facts.processes?.count { $0.executable.isEmpty && !$0.arguments.isEmpty } ?? 0
        if hidden > 0 { report(.hiddenExecutables(hidden)) }
    }

    fileprivate mutating func reportOtherSystems() {
        let traces: [(name: String, path: FilePath)] = [
            ("Clear Containers 2.x", "/etc/cc-oci-runtime"), ("Clear Containers 2.x", "/usr/share/defaults/cc-oci-runtime"),
            ("Clear Containers 2.x", "/run/cc-oci-runtime"), ("runV", "/run/runv"), ("hyperd", "/etc/hyper/config"),
            ("hyperd", "/var/lib/hyper"),
            ("Kata Containers", "/etc/kata-containers"), ("Kata Containers", "/run/vc/sbs"), ("CRI-O", "/etc/crio/crio.conf"),
            ("containerd", "/etc/containerd/config.toml"),
        ]
        for trace in traces where exists(trace.path) { report(.otherSystem(trace.name, at: trace.path)) }
    }
}
