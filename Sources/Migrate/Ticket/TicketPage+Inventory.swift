// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

extension TicketPage {
    /// What of old runtimes there is on the host.
    static func inventory(of scan: HostScan) -> [Section] {
        let installed = scan.systems.flatMap { found in
            found.packages.map { Row([.text(found.name), "package", .code($0.name), .code($0.version)]) }
                + found.files.map { file in
                    Row([
                        .text(found.name), .text(file.role.rawValue), .code(file.seen.path.string),
                        .code(file.seen.target.map { "-> \($0)" } ?? ""),
                    ])
                }
        }
        let all: [Section?] = [
            Section(
                "Installed", about: scan.knowsPackages ? [] : ["The host's packages are in no database that can be read here."],
                head: ["system", "kind", "name", "version or target"], installed),
            Section(
                "Configuration files", head: ["file", "system", "standing", "since the package", "mode and owner", "SHA-256"],
                scan.configurations.map { file in
                    let seen = scan.observations[file.path]
                    return Row([
                        .code(file.path.string), .text(file.dialect.rawValue), .text(file.standing.rawValue), .text(file.edits.rawValue),
                        .text(seen?.ownership ?? ""), .code(seen?.digest ?? ""),
                    ])
                }),
            engines(of: scan), containers(of: scan), units(of: scan), processes(of: scan),
            Section("Cgroups", head: ["pid", "cgroup"], (scan.cgroups ?? []).map { Row([.text("\($0.pid)"), .code($0.path.string)]) }),
            Section(
                "Network devices", head: ["device", "kind", "bridge", "system"],
                (scan.links ?? []).map {
                    Row([.code($0.link.name), .text($0.link.kind.rawValue), .code($0.link.bridge ?? ""), .text($0.system)])
                }),
            Section(
                "Mounts of no sandbox on record", head: ["mount"], (scan.strayMounts ?? []).map { Row([.code($0.string)], .notable) }),
            Section("Findings of the scan", head: ["severity", "code", "where", "what"], scan.diagnostics.map(row)),
        ]
        return all.compactMap(\.self)
    }

    private static func engines(of scan: HostScan) -> Section? {
        Section(
            "Engines", head: ["engine", "unit", "setting", "value", "where"],
            scan.allEngines.flatMap { engine in
                let facts: [Words] = [.text(engine.engine.rawValue), .text("\(engine.unit) \(engine.state.rawValue)")]
                let settings =
                    engine.registrations.map { ("runtime \($0.runtimeName)", $0.binaryPath.string, $0.file, $0.range.start.line) }
                    + engine.defaults.map { ("default runtime", $0.runtimeName, $0.file, $0.range.start.line) }
                guard !settings.isEmpty else { return [Row(facts + ["no runtime is registered", .none, .none])] }
                return settings.map { name, value, file, line in Row(facts + [.text(name), .code(value), .code("\(file):\(line)")]) }
            })
    }

    private static func containers(of scan: HostScan) -> Section? {
        Section(
            "Containers of docker", head: ["container", "id", "runtime", "state", "restart policy"],
            (scan.docker?.containers ?? []).map {
                Row([
                    .text($0.name), .code($0.id.abbreviated), .text($0.runtime ?? "docker's default"),
                    .text($0.state), .text($0.restartPolicy ?? "no"),
                ])
            })
    }

    private static func units(of scan: HostScan) -> Section? {
        Section(
            "Units", head: ["unit", "system", "state", "enabled", "file"],
            scan.units.map {
                Row([
                    .code($0.name), .text($0.system), .text($0.state.rawValue), .text($0.enabledBy.isEmpty ? "no" : "yes"),
                    .code($0.file.string),
                ])
            })
    }

    private static func processes(of scan: HostScan) -> Section? {
        guard let processes = scan.processes else {
            return Section("Processes", [.paragraph(["What ran on the host is not known."])])
        }
        return Section(
            "Processes", head: ["pid", "role", "program", "sandbox"],
            processes.map {
                Row([
                    .text("\($0.process.pid)"), .text($0.role.rawValue), .code($0.process.executable.string), .code($0.sandbox ?? ""),
                ])
            })
    }
}
