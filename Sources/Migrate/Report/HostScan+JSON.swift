// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

extension HostScan {
    /// The scan as one JSON object; `version` counts changes that take something away or give it another meaning.
    package var json: String {
        let value: [String: ReportValue] = [
            "version": .integer(1), "kind": .string("scan"), "root": .path(root), "system": systemValue,
            "knowsPackages": .bool(knowsPackages), "systems": .list(systems, \.value),
            "configurations": .list(configurations) { file in
                .object([
                    "path": .path(file.path), "dialect": .string(file.dialect.rawValue), "standing": .string(file.standing.rawValue),
                    "edits": .string(file.edits.rawValue),
                    "seen": observations[file.path].map(ReportValue.observation) ?? .null,
                ])
            },
            "engines": .array((docker.map { [$0.value] } ?? []) + engines.map(\.value)),
            "sandboxes": .list(sandboxes, \.value),
            "brokenRecords": .list(brokenRecords) { record in
                .object([
                    "id": .string(record.id.rawValue), "reason": .string(record.reason), "files": .list(record.files, ReportValue.path),
                ])
            },
            "keptRecords": .list(keptRecords) { .object(["id": .string($0.id.rawValue), "migration": .string($0.migration)]) },
            "units": .list(units) { unit in
                .object([
                    "name": .string(unit.name), "system": .string(unit.system), "file": .path(unit.file),
                    "enabledBy": .list(unit.enabledBy, ReportValue.path),
                    "state": .string(unit.state.rawValue),
                ])
            },
            "processes": .list(processes, \.value),
            "strayMounts": .list(strayMounts, ReportValue.path),
            "links": .list(links) { link in
                .object([
                    "name": .string(link.link.name), "kind": .string(link.link.kind.rawValue), "bridge": .text(link.link.bridge),
                    "system": .string(link.system),
                ])
            },
            "cgroups": .list(cgroups) { .object(["pid": .integer(Int64($0.pid)), "path": .path($0.path)]) },
            "diagnostics": .list(diagnostics, ReportValue.diagnostic),
        ]
        return ReportValue.object(value).rendered
    }

    private var systemValue: ReportValue {
        guard let system else { return .null }
        return .object(["id": .string(system.id), "version": .text(system.version), "name": .string(system.name)])
    }
}

extension FoundSystem {
    fileprivate var value: ReportValue {
        .object([
            "name": .string(name), "version": .text(version),
            "packages": .list(packages) { .object(["name": .string($0.name), "version": .string($0.version)]) },
            "files": .list(files) { .object(["role": .string($0.role.rawValue), "seen": .observation($0.seen)]) },
        ])
    }
}

extension EngineHost {
    fileprivate var value: ReportValue { .object(members) }

    fileprivate var members: [String: ReportValue] {
        [
            "name": .string(engine.rawValue), "unit": .string(unit), "state": .string(state.rawValue),
            // The kubelet names an engine, and that chooses.
            "defaultRuntime": engine == .kubelet ? .null : .string(defaultRuntime),
            "registrations": .list(registrations) { registration in
                .object([
                    "name": .string(registration.runtimeName), "program": .path(registration.binaryPath),
                    "wraps": registration.wrapped.map(ReportValue.path) ?? .null,
                    "arguments": .list(registration.arguments, ReportValue.string), "isDefault": .bool(registration.isDefault),
                    "file": .path(registration.file), "line": .number(registration.range.start.line),
                ])
            },
            "defaults": .list(defaults) { choice in
                .object([
                    "name": .string(choice.runtimeName), "file": .path(choice.file), "line": .number(choice.range.start.line),
                ])
            },
            "settings": .list(settings) { setting in
                .object([
                    "name": .string(setting.name), "value": .string(setting.value), "file": .path(setting.file),
                    "line": .number(setting.range.start.line),
                ])
            },
        ]
    }
}

extension DockerHost {
    fileprivate var value: ReportValue {
        let own: [String: ReportValue] = [
            "dataRoot": .path(dataRoot), "keepsContainersRunning": .bool(keepsContainersRunning),
            "containers": .list(containers) { container in
                .object([
                    "id": .string(container.id), "name": .string(container.name), "runtime": .text(container.runtime),
                    "isRunning": .bool(container.isRunning), "exitStatus": .number(container.exitStatus),
                    "restartPolicy": .text(container.restartPolicy),
                ])
            },
        ]
        return .object(engine.members.merging(own) { _, own in own })
    }
}

extension FoundSandbox {
    fileprivate var value: ReportValue {
        .object([
            "id": .string(id.rawValue), "system": .string(systemName), "format": .string(record.format.rawValue),
            "releases": .string(record.releases.title),
            "recorded": .string(record.state.title), "liveness": .string(liveness.rawValue), "owner": .string(owner.title),
            "bundle": .path(record.bundle), "hostname": .string(record.hostname),
            "hypervisor": .object([
                "program": .path(record.hypervisor.path), "machineType": .string(record.hypervisor.machineType),
                "vcpus": .integer(record.hypervisor.vcpus), "memoryMiB": .integer(record.hypervisor.memoryMiB),
            ]),
            "containers": .list(workloads) { workload in
                .object([
                    "id": .string(workload.container.id.rawValue), "recorded": .string(workload.container.state.title),
                    "rootfs": .path(workload.rootfs), "bundle": .path(workload.container.bundle),
                    "hasConfiguration": .bool(workload.specification != nil),
                ])
            },
            "processes": .list(processes) { .integer(Int64($0.process.pid)) },
            "mounts": .list(mounts, ReportValue.path), "heldSockets": .list(heldSockets, ReportValue.path), "namespace": .path(namespace),
            "files": .list(observations, ReportValue.observation),
        ])
    }
}

extension LegacyProcess {
    fileprivate var value: ReportValue {
        .object([
            "role": .string(role.rawValue), "system": .text(system), "sandbox": .text(sandbox), "pid": .integer(Int64(process.pid)),
            "parent": .integer(Int64(process.parent)), "startTime": .number(process.startTime),
            "executable": .path(process.executable), "arguments": .list(process.arguments, ReportValue.string),
        ])
    }
}

extension LegacyState {
    /// One or two words for a report.
    var title: String {
        switch self {
        case .ready: "ready"
        case .running: "running"
        case .paused: "paused"
        case .stopped: "stopped"
        case .ended(let status): "ended with status \(status)"
        case .lost: "lost in a reboot"
        case .unclear(""): "not noted"
        case .unclear(let word): "unclear (\(word))"
        }
    }
}

extension FoundSandbox.Owner {
    var title: String {
        switch self {
        case .docker(let container): "docker container \(container.name)"
        case .forgottenByDocker: "forgotten by docker"
        case .engine(let owner): owner.rawValue
        case .nobody: "nobody"
        }
    }
}
