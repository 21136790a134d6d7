// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

extension Plan {
    /// The plan as one JSON object; `version` counts changes that take something away or give it another meaning.
    package var json: String { report.rendered }

    /// What the journal keeps of it.
    var jsonBytes: [UInt8] { report.bytes }

    private var report: ReportValue {
        .object([
            "version": .integer(1), "kind": .string("plan"), "id": .string(id), "root": .path(root), "prefix": .path(layout.prefix),
            "journal": .path(journal), "rollback": .string(rollbackCommand), "changes": .integer(Int64(steps.count)),
            "isBlocked": .bool(isBlocked),
            "preflight": .list(preflight, ReportValue.diagnostic),
            "decisions": .list(decisions) { decision in
                .object([
                    "sandbox": .string(decision.sandbox.rawValue), "question": .string(decision.question),
                    "answers": .list(decision.answers) {
                        .object(["option": .string($0.option), "consequence": .string($0.consequence)])
                    },
                ])
            },
            "interruptions": .list(interruptions, \.value),
            "steps": .list(steps, value),
            "sandboxes": .list(sandboxes, \.value),
            "ended": .list(endings) {
                .object([
                    "container": .string($0.container), "exitStatus": .number($0.status), "keptBy": .string($0.keeper.rawValue),
                ])
            },
            "translation": .list(translation?.diagnostics, ReportValue.diagnostic),
            "leftInPlace": .list(leftInPlace) { .object(["what": .string($0.what), "why": .string($0.why)]) },
        ])
    }

    private func value(_ step: Step) -> ReportValue {
        .object([
            "id": .string(step.id.rawValue), "kind": .string(step.kind.rawValue), "object": .string(step.object),
            "reason": .string(step.reason), "hazards": .list(step.hazards, \.value),
            "reliesOn": .list(step.reliesOn, ReportValue.observation),
            "changes": .list(step.changes) { change in
                var members = change.members
                members["backup"] = .path(change.backedUp.map { backup(of: $0) })
                return .object(members)
            },
            "after": .list(step.after) { .object(["step": .string($0.step.rawValue), "why": .string($0.why)]) },
        ])
    }
}

extension Interruption {
    fileprivate var value: ReportValue {
        let last: ReportValue = if case .step(let number) = end { .integer(Int64(number)) } else { .null }
        return .object([
            "what": .string(what), "fromStep": .integer(Int64(begin)), "toStep": last, "comesBack": .bool(end != .open),
            "seconds": seconds.map { .integer(Int64($0)) } ?? .null,
        ])
    }
}

extension Hazard {
    fileprivate var value: ReportValue {
        switch self {
        case .stopsContainers(let names, let comeBack):
            .object(["kind": .string("stops containers"), "containers": .list(names, ReportValue.string), "comeBack": .bool(comeBack)])
        case .stopsSandbox(let id): .object(["kind": .string("stops sandbox"), "sandbox": .string(id.rawValue)])
        case .endsMachines(let pids): .object(["kind": .string("ends VMs"), "pids": .list(pids) { .number($0) }])
        case .restartsEngine(let engine): .object(["kind": .string("restarts engine"), "engine": .string(engine.rawValue)])
        }
    }
}

extension ExpectedProcess {
    fileprivate var value: ReportValue { .object(["pid": .number(pid), "startTime": .number(startTime)]) }
}

extension Change {
    fileprivate var members: [String: ReportValue] {
        switch self {
        case .create(let path, let bytes, let mode):
            [
                "act": .string("create"), "path": .path(path), "mode": .string("0" + String(mode, radix: 8)),
                "digest": .string("sha256:" + SHA256.hexadecimal(of: bytes)), "text": .string(String(decoding: bytes, as: UTF8.self)),
            ]
        case .replace(let path, let before, let after):
            [
                "act": .string("replace"), "path": .path(path), "digest": .string("sha256:" + SHA256.hexadecimal(of: after)),
                "difference": .list(LineDifference(from: before, to: after).lines, ReportValue.string),
            ]
        case .check(let engine, let path, let bytes):
            [
                "act": .string("check"), "engine": .string(engine.rawValue), "path": .path(path),
                "digest": .string("sha256:" + SHA256.hexadecimal(of: bytes)),
            ]
        case .moveAway(let path): ["act": .string("move away"), "path": .path(path)]
        case .keep(let path): ["act": .string("keep"), "path": .path(path)]
        case .removeLink(let path): ["act": .string("remove link"), "path": .path(path)]
        case .reloadUnits: ["act": .string("reload units")]
        case .restartUnit(let unit): ["act": .string("restart unit"), "unit": .string(unit)]
        case .startUnit(let unit): ["act": .string("start unit"), "unit": .string(unit)]
        case .stopUnit(let unit): ["act": .string("stop unit"), "unit": .string(unit)]
        case .stopContainer(let engine, let id):
            ["act": .string("stop container"), "engine": .string(engine.rawValue), "container": .string(id)]
        case .startContainer(let engine, let id):
            ["act": .string("start container"), "engine": .string(engine.rawValue), "container": .string(id)]
        case .stopPod(let keeper, let id, let endpoint):
            ["act": .string("stop pod"), "engine": .string(keeper.rawValue), "pod": .string(id), "endpoint": .text(endpoint)]
        case .unmount(let path): ["act": .string("unmount"), "path": .path(path)]
        case .stopSandbox(let id, let processes):
            [
                "act": .string("stop sandbox"), "sandbox": .string(id.rawValue),
                "processes": .list(processes, \.value),
            ]
        case .startSandbox(let id): ["act": .string("start sandbox"), "sandbox": .string(id.rawValue)]
        case .endLeftovers(let processes):
            ["act": .string("end leftovers"), "processes": .list(processes, \.value)]
        }
    }
}
