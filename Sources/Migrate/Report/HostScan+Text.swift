// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

extension HostScan {
    /// The scan for people.
    package var text: String {
        var report = ReportText()
        report.heading("host \(root)" + (system.map { ": \($0.name)" } ?? ""))
        guard !isEmpty else {
            report.line("nothing of an old runtime was found")
            writeFindings(to: &report)
            return report.text
        }
        writeInstallation(to: &report)
        writeConfigurations(to: &report)
        if let docker { write(docker, to: &report) }
        for engine in engines { write(engine, to: &report) }
        writeSandboxes(to: &report)
        writeRunning(to: &report)
        writeFindings(to: &report)
        return report.text
    }

    private func writeInstallation(to report: inout ReportText) {
        for found in systems {
            report.heading(found.name + (found.version.map { ", \($0)" } ?? ""))
            report.table(found.packages.map { ["package", $0.name, $0.version] })
            report.table(found.files.map { [$0.role.rawValue, $0.seen.path.string + ($0.seen.target.map { " -> \($0)" } ?? "")] })
        }
        if !knowsPackages { report.line("packages: no database that can be read here") }
    }

    private func writeConfigurations(to report: inout ReportText) {
        report.heading("configuration")
        if configurations.isEmpty { report.line("none") }
        report.table(
            configurations.map { file in
                [
                    file.path.string, file.standing.rawValue, file.edits == .unknown ? "" : file.edits.rawValue,
                    observations[file.path].map(\.ownership) ?? "",
                ]
            })
    }

    private func write(_ engine: EngineHost, _ detail: String = "", to report: inout ReportText) {
        report.heading("\(engine.engine.rawValue) (\(engine.unit) \(engine.state.rawValue)\(detail))")
        report.table(
            engine.registrations.map { registration in
                [
                    "runtime",
                    "\(registration.runtimeName) = \(registration.binaryPath)"
                        + (registration.wrapped.map { ", a script around \($0)" } ?? ""),
                    "\(registration.file):\(registration.range.start.line)",
                ]
            }
                + engine.defaults.map { ["default", $0.runtimeName, "\($0.file):\($0.range.start.line)"] }
                + engine.settings.map { ["setting", "\($0.name) = \($0.value)", "\($0.file):\($0.range.start.line)"] })
    }

    private func write(_ docker: DockerHost, to report: inout ReportText) {
        write(docker.engine, ", data in \(docker.dataRoot)", to: &report)
        report.line("restarting it \(docker.keepsContainersRunning ? "leaves its containers running" : "stops its containers")")
        report.table(
            docker.containers.map {
                ["container", $0.name, $0.id.abbreviated, $0.runtime ?? "default runtime", $0.state]
            })
    }

    private func writeSandboxes(to report: inout ReportText) {
        report.heading("sandboxes (\(sandboxes.count))")
        report.table(
            sandboxes.map {
                [
                    $0.id.rawValue.abbreviated, "\($0.liveness == .unknown ? "not known to run" : $0.liveness.rawValue)",
                    "record: \($0.record.state.title)", $0.systemName, $0.owner.title,
                    $0.record.hypervisor.memoryMiB > 0 ? "\($0.record.hypervisor.memoryMiB) MiB" : "",
                    $0.namespace.map { "owns \($0)" } ?? "",
                ]
            })
        for record in keptRecords {
            report.line(
                "\(record.id.rawValue.abbreviated)  dealt with by migration \(record.migration); its record stays until 'kata-migrate forget'"
            )
        }
        for record in brokenRecords { report.line("\(record.id.rawValue.abbreviated)  unreadable: \(record.reason)") }
    }

    private func writeRunning(to report: inout ReportText) {
        report.heading("units")
        report.table(units.map { [$0.name, $0.state.rawValue, $0.enabledBy.isEmpty ? "not enabled" : "enabled", $0.file.string] })
        report.heading("processes")
        if let processes {
            report.table(
                processes.map {
                    [
                        "\($0.process.pid)", $0.role.rawValue, $0.process.executable.string,
                        $0.sandbox.map { "sandbox \($0.abbreviated)" } ?? "",
                    ]
                })
        } else {
            report.line("not known")
        }
        if let cgroups, !cgroups.isEmpty {
            report.heading("cgroups")
            report.table(cgroups.map { ["\($0.pid)", $0.path.string] })
        }
        if let links, !links.isEmpty {
            report.heading("network devices")
            report.table(links.map { [$0.link.name, $0.link.kind.rawValue, $0.link.bridge.map { "port of \($0)" } ?? "", $0.system] })
        }
        guard let strayMounts, !strayMounts.isEmpty else { return }
        report.heading("mounts of no sandbox on record")
        for mount in strayMounts { report.line(mount.string) }
    }

    private func writeFindings(to report: inout ReportText) {
        guard !diagnostics.isEmpty else { return }
        report.heading("findings")
        report.verbatim(render(diagnostics, sources: sources, as: .text, tool: "kata-migrate"))
    }
}

extension Observation {
    /// `0640 0:0`.
    var ownership: String {
        guard let modeDigits, let owner, let group else { return "" }
        return "\(modeDigits) \(owner):\(group)"
    }
}
