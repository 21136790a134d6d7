// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataSystem
internal import KataText
internal import SystemPackage

/// Makes a plan of a scan. It sees the host through a `HostView` only, so it cannot change it.
struct Planner {
    let scan: HostScan
    let layout: TargetLayout
    let policy: RunningPolicy
    /// Whether records go that nobody can start anything from, and VMs that no record accounts for.
    let cleansStale: Bool
    /// Where each old system's programs are, by its name; asked for every process of a host that may have thousands.
    let programs: [String: Set<FilePath>]
    /// For what the scan did not look at: the places where the new system goes.
    var survey: Survey
    var preflight: [Diagnostic] = []
    var decisions: [Decision] = []
    var steps: [Step] = []
    var leftInPlace: [Leftover] = []
    var fates: [SandboxFate] = []
    var endings: [Ending] = []
    var translation: Translation?

    /// The steps that must have ended before the old runtime is taken out of the engine's way.
    var drained: [Step.ID] = []
    /// What is to be started once the new runtime is in the engine's way.
    var waiting: [FoundSandbox] = []
    var leftRunning: [FoundSandbox] = []
    /// What becomes of a kubelet of frakti; nil when there is none.
    var fraktiKubelet: FraktiKubelet?
    /// Files that the plan makes for containers.
    var created: Set<FilePath> = []

    init(scan: HostScan, view: HostView, layout: TargetLayout, policy: RunningPolicy, cleansStale: Bool) {
        self.scan = scan
        self.layout = layout
        self.policy = policy
        self.cleansStale = cleansStale
        programs = scan.programs
        survey = Survey(of: view)
    }

    /// - The configuration comes first: nobody reads it before the new runtime is called, and without it no container could start.
    /// - Sandboxes are drained and moved while the engine still calls the old runtime, which alone can stop them.
    /// - The kubelet sleeps meanwhile: it would make a drained pod anew at once, under the old runtime.
    /// - Then the engine is told of the new runtime, and what was stopped for the migration starts again.
    /// - The old system's daemons go last: its VMs need them to the end; and then what nobody needs any more.
    mutating func plan(_ progress: ReadingProgress) -> Plan {
        fraktiKubelet = judgeKubelet()
        planConfiguration()
        holdKubelet()
        stopContainersOfFrakti()
        progress.through(scan.sandboxes, { _ in "plan sandboxes" }) { planSandbox($0) }
        for record in scan.brokenRecords { planBrokenRecord(record) }
        planEngines()
        planKubelet()
        releaseKubelet()
        checkPolicy()
        for sandbox in waiting { planStart(sandbox) }
        planUnits()
        planStrays()
        listLeftovers()
        checkTarget()
        preflight += survey.diagnostics
        return Plan(
            id: identifier(), root: scan.root, scan: scan, running: policy, cleansStale: cleansStale, layout: layout, preflight: preflight,
            decisions: decisions, steps: steps, sandboxes: fates, endings: endings, leftInPlace: leftInPlace, translation: translation,
            sources: scan.sources.merging(survey.sources) { first, _ in first })
    }

    /// Twelve digits of the digest of all that the plan would do and relies on.
    private func identifier() -> String {
        var hash = SHA256()
        func add(_ line: String) { hash.update(Array("\(line)\n".utf8)) }
        add("\(layout.prefix)")
        add(policy.options.joined(separator: " "))
        for step in steps {
            add(step.id.rawValue)
            for seen in step.reliesOn { add("\(seen.path) \(seen.kind.rawValue) \(seen.digest ?? "") \(seen.modeDigits ?? "")") }
            for change in step.changes { add("\(change)") }
        }
        return String(hash.finish().prefix(12))
    }

    /// What the scan saw at these paths, or what is there now.
    mutating func observed(_ paths: [FilePath]) -> [Observation] {
        paths.compactMap { scan.observations[$0] ?? survey.look(at: $0) }
    }

    mutating func checkTarget() {
        guard !steps.isEmpty else { return }
        if !survey.exists(layout.runtime) { preflight.append(.missingRuntime(layout)) }
        for role in AssetRole.allCases where !survey.exists(layout.assets[role]) {
            preflight.append(.missingAsset(role, layout.assets[role]))
        }
        if scan.processes == nil, !scan.sandboxes.isEmpty { preflight.append(.unknownLiveness) }
    }
}

extension Plan {
    /// The plan for a host that was scanned; reads a little more of it, and changes nothing.
    ///
    /// - Parameter cleansStale: whether records go that nobody can start anything from, and VMs that no record accounts for.
    package init(
        for scan: HostScan, on view: HostView, layout: TargetLayout, running: RunningPolicy = RunningPolicy(), cleansStale: Bool = false,
        progress: ReadingProgress = .silent
    ) {
        var planner = Planner(scan: scan, view: view, layout: layout, policy: running, cleansStale: cleansStale)
        self = planner.plan(progress)
    }
}
