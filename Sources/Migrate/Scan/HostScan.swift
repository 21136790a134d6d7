// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
package import SystemPackage

/// What of the old system there is on a host: the result of reading, nothing of it decided.
package struct HostScan: Sendable {
    package let root: FilePath
    /// Where the facts of a copied tree were saved; nil for a live host, and for a tree that came without.
    package let factsDirectory: FilePath?
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
    /// What a migration has dealt with already.
    package let keptRecords: [KeptRecord]
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
        let called = Set(allEngines.flatMap(\.legacyRegistrations).compactMap { $0.system?.name })
        return configured.first { called.contains($0.name) } ?? configured.first
    }

    /// The configuration that the old runtime reads, or the first file of it.
    package var configuration: ConfigurationFile? { predecessor?.filesInUse.first }

    /// Processes of sandboxes that have no record, or none that can be read; empty when the processes are not known.
    package var strayProcesses: [LegacyProcess] {
        let known = Set(sandboxes.flatMap(\.processes).map(\.process.pid))
        return processes?.filter { $0.sandbox != nil && !known.contains($0.process.pid) } ?? []
    }

    /// Whether there is anything of an old system at all.
    package var isEmpty: Bool {
        systems.isEmpty && sandboxes.isEmpty && brokenRecords.isEmpty && processes?.contains { $0.role != .engine } != true
            && allEngines.allSatisfy(\.legacyRegistrations.isEmpty)
    }

    package init(of view: HostView, progress: ReadingProgress = .silent) {
        var survey = Survey(of: view)
        survey.report(view.facts.diagnostics)
        root = view.path
        factsDirectory = view.facts.directory
        hardware = view.facts.hardware
        system = OperatingSystem.found(by: &survey)
        let packages = InstalledPackage.found(by: &survey)
        knowsPackages = packages != nil
        let docker = DockerHost.found(by: &survey)
        self.docker = docker
        engines = [EngineHost.crio(by: &survey), .containerd(by: &survey), .kubelet(by: &survey), .podman(by: &survey)].compactMap(\.self)
        let callers = [docker?.engine].compactMap(\.self) + engines
        systems = FoundSystem.all(packages: packages ?? [], callers: callers, by: &survey)
        let records = FoundRecords({ [systems] system in systems.recordRoots(of: system, callers) }, progress, by: &survey)
        let machines = records.runVMachines
        let processes = view.facts.processes?.compactMap(LegacyProcess.init).map { $0.attributed(machines) }
        let evidence = SandboxEvidence(facts: view.facts, processes: processes, docker: docker)
        let sandboxes = records.sandboxes(with: evidence, progress, by: &survey)
        (self.sandboxes, brokenRecords, keptRecords) = (sandboxes, records.broken, records.kept)
        let owners = Dictionary(
            sandboxes.flatMap { sandbox in sandbox.processes.map { ($0.process.pid, sandbox.id.rawValue) } },
            uniquingKeysWith: { first, _ in first })
        self.processes = processes?.map { $0.recorded(by: owners[$0.process.pid]) }
        strayMounts = evidence.mounts.map { mounts in
            let broken = Set(records.broken.map(\.id.rawValue))
            let known = Set(sandboxes.flatMap(\.mounts))
            let strays = mounts.filter { !broken.contains($0.key.name) }.values.flatMap(\.self).filter { !known.contains($0) }
            return Set(strays).sorted { $0.string < $1.string }
        }
        links = view.facts.links.map(LegacyLink.found)
        let legacy = Set(processes?.filter { $0.role != .engine }.map(\.process.pid) ?? [])
        cgroups = view.facts.cgroups?.filter { legacy.contains($0.pid) }
        survey.reportUnknownFacts()
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
}

extension [FoundSystem] {
    /// Directories of records beside the usual ones: what engines give with `--root`, those that docker gives by itself since 17.12, and
    /// where hyperd's configuration puts its database.
    fileprivate func recordRoots(of system: LegacySystem, _ engines: [EngineHost]) -> [FilePath] {
        let registrations = engines.flatMap(\.legacyRegistrations).filter { $0.system?.name == system.name }
        var roots = registrations.compactMap { LegacySystem.value($0.arguments, after: "--root") }.map { FilePath($0) }
        for registration in registrations where registration.engine == .docker {
            roots += ["moby", "plugins.moby"].map { "/run/docker/runtime-\(registration.runtimeName)/\($0)" }.map { FilePath($0) }
        }
        for source in first(where: { $0.name == system.name })?.filesInUse.map(\.source) ?? [] where system.sandboxes.isDatabase {
            if let root = Hyperd.parse(source).partial?.root { roots += [root.appending("lib/hyper.db"), root.appending("hyper.db")] }
        }
        return roots.filter(\.isAbsolute).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
