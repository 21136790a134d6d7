// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
package import SystemPackage

/// What of the old system there is on a host: the result of reading, nothing of it decided.
package struct HostScan: Sendable {
    package let root: FilePath
    package let system: OperatingSystem?
    /// How large the host is; nil when it is not known.
    package let hardware: LegacyMachine.Host?
    /// Whether the host keeps its packages in a database that can be read here.
    package let knowsPackages: Bool
    /// The old systems of which anything is installed.
    package let systems: [FoundSystem]
    package let docker: DockerHost?
    /// The engines beside docker.
    package let engines: [EngineHost]
    package let sandboxes: [FoundSandbox]
    package let brokenRecords: [BrokenRecord]
    /// Nil when the processes are not known.
    package let processes: [LegacyProcess]?
    /// Shared-directory mounts that belong to no sandbox on record; nil when the mounts are not known.
    package let strayMounts: [FilePath]?
    /// Network devices of old systems; nil when the host's are not known.
    package let links: [LegacyLink]?
    /// Where the processes of old systems are accounted for; nil when that is not known.
    package let cgroups: [ProcessCgroup]?
    package let diagnostics: [Diagnostic]
    /// By path.
    package let observations: [FilePath: Observation]
    /// The texts that diagnostics point into.
    package let sources: [FilePath: SourceText]

    /// All engines.
    package var allEngines: [EngineHost] { [docker?.engine].compactMap(\.self) + engines }

    package var packages: [InstalledPackage] { systems.flatMap(\.packages) }
    package var files: [InstalledFile] { systems.flatMap(\.files) }
    package var configurations: [ConfigurationFile] { systems.flatMap(\.configurations) }
    package var units: [LegacyUnit] { systems.flatMap(\.units) }

    /// The system that the host is moved from: of those with a configuration the one that an engine calls, else the newest.
    package var predecessor: FoundSystem? {
        let configured = systems.filter { !$0.filesInUse.isEmpty }
        let called = Set(allEngines.flatMap(\.legacyRegistrations).compactMap { LegacySystem.calling($0.binaryPath)?.name })
        return configured.first { called.contains($0.name) } ?? configured.first
    }

    /// The configuration that the old runtime reads, or the first file of it.
    package var configuration: ConfigurationFile? { predecessor?.filesInUse.first }

    /// Processes of sandboxes that have no record, or none that can be read; empty when the processes are not known.
    package var strayProcesses: [LegacyProcess] {
        let known = Set(sandboxes.map(\.id.rawValue))
        return processes?.filter { process in process.sandbox.map { !known.contains($0) } ?? false } ?? []
    }

    /// Whether there is anything of an old system at all.
    package var isEmpty: Bool {
        systems.isEmpty && sandboxes.isEmpty && brokenRecords.isEmpty && processes?.contains { $0.role != .engine } != true
            && allEngines.allSatisfy(\.legacyRegistrations.isEmpty)
    }

    /// The version of the old runtime of which there are sandbox records: of its package, else what the records allow.
    package var version: String? {
        if let version = systems.first(where: { $0.name == LegacySystem.clearContainers3.name })?.version { return version }
        let releases = sandboxes.map(\.record.releases)
        return releases.dropFirst().reduce(releases.first) { known, next in known.flatMap { $0.common(with: next) } }?.title
    }

    package init(of view: HostView) {
        var survey = Survey(of: view)
        survey.report(view.facts.diagnostics)
        root = view.path
        hardware = view.facts.hardware
        system = OperatingSystem.found(by: &survey)
        let packages = InstalledPackage.found(by: &survey)
        knowsPackages = packages != nil
        let docker = DockerHost.found(by: &survey)
        self.docker = docker
        engines = [EngineHost.crio(by: &survey), .containerd(by: &survey), .kubelet(by: &survey)].compactMap(\.self)
        let callers = [docker?.engine].compactMap(\.self) + engines
        systems = LegacySystem.all.map { system in
            let named = callers.flatMap { $0.configurations(of: system) }
            return FoundSystem(system, packages: packages ?? [], named: named, by: &survey)
        }.filter { !$0.isEmpty }
        processes = view.facts.processes?.compactMap(LegacyProcess.init)
        let evidence = SandboxEvidence(facts: view.facts, processes: processes, docker: docker)
        (sandboxes, brokenRecords) = FoundSandbox.found(with: evidence, by: &survey)
        let onRecord = Set(sandboxes.map(\.id.rawValue) + brokenRecords.map(\.id.rawValue))
        strayMounts = evidence.mounts.map {
            $0.filter { !onRecord.contains($0.key) }.values.flatMap(\.self).sorted { $0.string < $1.string }
        }
        links = view.facts.links.map(LegacyLink.found)
        let legacy = Set(processes?.filter { $0.role != .engine }.map(\.process.pid) ?? [])
        cgroups = view.facts.cgroups?.filter { legacy.contains($0.pid) }
        survey.reportUnknownFacts()
        survey.reportUnreadRecords()
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

    fileprivate mutating func reportUnreadRecords() {
        for system in LegacySystem.all {
            for path in system.unreadRecords where !names(in: path).isEmpty { report(.unreadRecords(of: system, at: path)) }
        }
    }
}
