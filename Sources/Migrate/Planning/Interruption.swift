// SPDX-License-Identifier: Apache-2.0

internal import Compat

/// Something that does not run for a part of the migration.
package struct Interruption: Sendable, Equatable {
    package enum End: Sendable, Equatable {
        /// The number of the step, from 1.
        case step(Int)
        /// Its engine starts it by itself, when the engine does.
        case engine
        /// Until somebody starts it.
        case open
    }

    /// As its engine calls it, else the sandbox.
    package let what: String
    /// The number of the step that stops it, from 1.
    package let begin: Int
    package let end: End
    /// How long, if all takes the time that it has; nil where the end is nobody's of the migration, or the grace period has none.
    package let seconds: Int?
}

extension Plan {
    /// What stops on the way, in the order in which it does.
    package var interruptions: [Interruption] {
        var starts: [String: Int] = [:]
        for (index, step) in steps.enumerated() where step.kind == .startContainer { starts[step.object] = index + 1 }
        let release = steps.firstIndex { $0.kind == .releaseKubelet }.map { $0 + 1 }
        // What is stopped of them is a VM without a workload.
        let ended = Set(scan.sandboxes.filter(\.hasEnded).map(\.id.rawValue))
        var found: [(what: String, begin: Int, end: Interruption.End)] = []
        for (index, step) in steps.enumerated() {
            if step.kind == .drainSandbox, ended.contains(step.object) { continue }
            if step.kind == .drainSandbox {
                found.append(interruption(by: step, index + 1, start: starts[step.object], release))
            } else {
                found += Self.containers(stoppedBy: step, index + 1)
            }
        }
        return found.map { Interruption(what: $0.what, begin: $0.begin, end: $0.end, seconds: seconds(from: $0.begin, to: $0.end)) }
    }

    private func seconds(from begin: Int, to end: Interruption.End) -> Int? {
        let last: Int
        switch end {
        case .step(let number): last = number
        // An engine starts it once it has been started again.
        case .engine:
            guard let restart = steps[(begin - 1)...].firstIndex(where: { $0.kind == .restartEngine }) else { return nil }
            last = restart + 1
        case .open: return nil
        }
        let containers = scan.docker?.containers ?? []
        return steps[(begin - 1)..<last].flatMap(\.changes).reduce(0) { sum, change in
            change.seconds(of: containers).flatMap { seconds in sum.map { $0 + seconds } }
        }
    }

    private func interruption(
        by step: Step, _ number: Int, start: Int?, _ release: Int?
    ) -> (what: String, begin: Int, end: Interruption.End) {
        var name = "sandbox \(step.object.abbreviated)"
        var isPod = step.changes.contains { if case .stopPod = $0 { true } else { false } }
        var end = start.map(Interruption.End.step) ?? .open
        for hazard in step.hazards {
            guard case .stopsContainers(let names, let comeBack) = hazard else { continue }
            name = names.joined(separator: ", ")
            if names.contains(where: { $0.hasPrefix("k8s_") }) { isPod = true }
            if start == nil, comeBack { end = .engine }
        }
        // The kubelet makes anew what it answers for; whether it answers for this one its files do not say.
        if start == nil, isPod, let release { end = .step(release) }
        return (name, number, end)
    }

    private static func containers(
        stoppedBy step: Step, _ number: Int
    ) -> [(what: String, begin: Int, end: Interruption.End)] {
        step.hazards.flatMap { hazard -> [(what: String, begin: Int, end: Interruption.End)] in
            guard case .stopsContainers(let names, let comeBack) = hazard else { return [] }
            return names.map { ($0, number, comeBack ? .engine : .open) }
        }
    }
}

extension Change {
    /// Seconds.
    static let usualRestart = 5

    /// What it may take, in seconds: grace periods in full, and for what has none a usual time; nil for a period without an end.
    fileprivate func seconds(of containers: [DockerContainer]) -> Int? {
        switch self {
        case .stopContainer(_, let id):
            let timeout = containers.first { $0.id == id }?.stopTimeout ?? 10
            return timeout < 0 ? nil : timeout
        case .stopPod, .stopSandbox: return 10
        case .endLeftovers, .stopUnit, .restartUnit: return Self.usualRestart
        case .startUnit, .startContainer, .startSandbox: return 2
        case .create, .replace, .check, .moveAway, .keep, .removeLink, .reloadUnits, .unmount: return 0
        }
    }
}

extension Interruption {
    /// `billing: from step 2 to step 8, up to some 20 s`.
    package var title: String {
        let span =
            switch end {
            case .step(let number): "from step \(begin) to step \(number)"
            case .engine: "from step \(begin) until its engine starts it"
            case .open: "from step \(begin) until somebody starts it"
            }
        return "\(what): \(span)" + (seconds.map { ", up to some \($0) s" } ?? "")
    }
}
