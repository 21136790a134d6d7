// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

// What may stand against a plan. The codes and their explanations are in MigrationCodes.swift.
extension Diagnostic {
    static func runningSandbox(_ sandbox: FoundSandbox) -> Diagnostic {
        let name =
            switch sandbox.owner {
            case .docker(let container): "sandbox \(sandbox.id) (docker container '\(container.name)')"
            case .engine(let owner): "sandbox \(sandbox.id) (a pod of \(owner.rawValue))"
            default: "sandbox \(sandbox.id)"
            }
        let pid = sandbox.processes.first { $0.role == .hypervisor }.map { ", pid \($0.process.pid)" } ?? ""
        return Diagnostic(
            severity: .error, code: "PRE001", message: "\(name) runs\(pid): say what becomes of it with --running leave, drain or recreate")
    }

    static func missingRuntime(_ layout: TargetLayout) -> Diagnostic {
        Diagnostic(
            severity: .error, code: "PRE002", message: "the new runtime is not installed", path: layout.runtime,
            notes: ["install it there, or name its prefix with --prefix"])
    }

    static func missingAsset(_ role: AssetRole, _ path: FilePath) -> Diagnostic {
        Diagnostic(
            severity: .warning, code: "PRE003", message: "the \(role.rawValue) that the configuration will name is not there", path: path)
    }

    static func occupiedTarget(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            severity: .error, code: "PRE004", message: "there is another configuration already", path: path,
            notes: ["compare it with the output of 'kata-migrate convert -o -', and move one of them away"])
    }

    static func untranslatable(_ path: FilePath) -> Diagnostic {
        Diagnostic(severity: .error, code: "PRE005", message: "has errors for which the old runtime refused it too", path: path)
    }

    static func uneditable(_ path: FilePath) -> Diagnostic {
        Diagnostic(severity: .error, code: "PRE006", message: "registers a runtime twice in one place and is not edited", path: path)
    }

    static func restartStopsSandbox(_ id: LegacySandboxID) -> Diagnostic {
        Diagnostic(
            severity: .error, code: "PRE007", message: "sandbox \(id) is to be left running, and restarting docker would stop it",
            notes: ["set \"live-restore\": true in daemon.json and reload docker first, or choose --running drain or recreate"])
    }

    static let unknownLiveness = Diagnostic(
        severity: .warning, code: "PRE008", message: "it is not known which sandboxes run",
        notes: ["those whose record does not say that they are stopped count as running"])

    static func brokenRecord(_ record: BrokenRecord) -> Diagnostic {
        Diagnostic(
            severity: .warning, code: "PRE009", message: "the record of sandbox \(record.id) cannot be read and is left: \(record.reason)",
            path: record.files.first)
    }

    static func strayProcess(_ process: LegacyProcess, _ name: String, _ why: String) -> Diagnostic {
        Diagnostic(
            severity: .warning, code: "PRE012", message: "process \(process.process.pid), \(name), is left running: \(why)")
    }

    static func staleSandbox(_ id: LegacySandboxID, _ reason: String) -> Diagnostic {
        Diagnostic(
            severity: .warning, code: "PRE010", message: "sandbox \(id) is stale and is left: \(reason)",
            notes: ["--clean-stale takes its records away, into the backup"])
    }

    static func missingName(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            severity: .error, code: "PRE013", message: "engines are to call the new runtime by this name, and it is not there", path: path)
    }

    static func severalConfigurations(_ taken: ConfigurationFile, _ others: [ConfigurationFile], ofOneSystem: Bool) -> Diagnostic {
        let owner = ofOneSystem ? "other runtimes of the system are given" : "another old system has"
        return Diagnostic(
            severity: .warning, code: "PRE014",
            message: "is taken; \(owner) \(others.map(\.path.string).joined(separator: ", "))", path: taken.path)
    }

    static func unknownRuntime(_ runtime: String, of container: DockerContainer, _ layout: TargetLayout) -> Diagnostic {
        Diagnostic(
            severity: .warning, code: "PRE031",
            message: "container '\(container.name)' asks for runtime '\(runtime)', which docker does not know: it cannot be started",
            notes: ["register the name in daemon.json with the path of the new runtime below \(layout.legacyNames)"])
    }

    static func unchecked(_ engine: Engine, _ path: FilePath) -> Diagnostic {
        // podman has nothing that is restarted.
        let reading = engine == .podman ? "reads it" : "is restarted"
        return Diagnostic(
            severity: .note, code: "PRE030", message: "\(engine.rawValue) cannot be asked about this file before it \(reading)", path: path)
    }

    static func kubeletStays(_ why: String) -> Diagnostic {
        Diagnostic(severity: .warning, code: "PRE034", message: "the kubelet goes on asking frakti for its pods: \(why)")
    }

    static func podsWithoutVM(_ engine: Engine) -> Diagnostic {
        Diagnostic(
            severity: .warning, code: "PRE035",
            message: "pods that frakti ran in VMs will not be in VMs: \(engine.rawValue) does not know the new runtime",
            notes: ["register it there first, and give the pods a RuntimeClass that names it"])
    }

    static func sharedConfiguration(_ file: FilePath, _ engine: Engine, _ shim: EngineRegistration, isNeeded: Bool) -> Diagnostic {
        Diagnostic(
            severity: isNeeded ? .error : .warning, code: "PRE036",
            message:
                "is not written: \(engine.rawValue) goes on calling \(shim.binaryPath) for runtime \(shim.runtimeName), which reads it too",
            path: file, notes: ["give the shim a configuration of its own: options.ConfigPath in containerd's file"])
    }

    static func unclearSandbox(_ name: String, _ named: [FoundSandbox]) -> Diagnostic {
        Diagnostic(
            severity: .error, code: "PRE037",
            message: named.isEmpty
                ? "--running: no sandbox is called '\(name)'"
                : "--running: '\(name)' is the beginning of \(named.map(\.id.rawValue).joined(separator: ", "))",
            notes: ["kata-migrate scan lists them: an id, at least four digits of one, or the name that docker has for the container"])
    }

    static let missingCrictl = Diagnostic(
        severity: .warning, code: "PRE015", message: "crictl is not in /usr/local/bin or /usr/bin; pods are stopped with it")

    static let missingHyperctl = Diagnostic(
        severity: .warning, code: "PRE032", message: "hyperctl is not in /usr/local/bin or /usr/bin; hyperd's pods are stopped with it")

    static func occupiedRecord(_ id: LegacySandboxID, _ path: FilePath) -> Diagnostic {
        Diagnostic(
            severity: .warning, code: "PRE033", message: "sandbox \(id) is left: there is a container of its name already", path: path)
    }

    static func immovable(_ id: LegacySandboxID, _ container: LegacyContainerID?, _ why: String) -> Diagnostic {
        let part = container.map { "container \($0): " } ?? ""
        return Diagnostic(severity: .warning, code: "PRE011", message: "sandbox \(id) is left: \(part)\(why)")
    }
}
