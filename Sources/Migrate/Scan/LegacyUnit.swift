// SPDX-License-Identifier: Apache-2.0

internal import KataText
package import SystemPackage

/// A systemd unit of the old system.
package struct LegacyUnit: Sendable, Equatable {
    package let name: String
    /// The unit file that systemd would use.
    package let file: FilePath
    /// Links below /etc/systemd/system that start it at boot.
    package let enabledBy: [FilePath]
    package let state: UnitStates.State
    /// Whether its end ends the VMs that it runs.
    package let holdsSandboxes: Bool
    package let system: String

    /// As systemd searches them, highest first (systemd.unit(5)).
    static let directories: [FilePath] = [
        "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
    ]

    private static func state(of name: String, _ system: LegacySystem, _ facts: HostFacts) -> UnitStates.State {
        let state = facts.units?.state(of: name) ?? .unknown
        guard state == .unknown, name.hasSuffix(".socket"), let sockets = facts.sockets else { return state }
        return sockets.contains(where: system.unitSockets.contains) ? .active : .inactive
    }

    static func found(of system: LegacySystem, by survey: inout Survey) -> [LegacyUnit] {
        var enabling: [String: [FilePath]] = [:]
        let local: FilePath = "/etc/systemd/system"
        for name in survey.names(in: local) where name.hasSuffix(".wants") || name.hasSuffix(".requires") {
            for unit in survey.names(in: local.appending(name)) where system.units.contains(unit) {
                enabling[unit, default: []].append(local.appending(name).appending(unit))
            }
        }
        return system.units.compactMap { name in
            guard let file = directories.lazy.map({ $0.appending(name) }).first(where: { survey.look(at: $0)?.kind == .file }) else {
                return nil
            }
            let text = survey.source(file)
            if LegacySystem.all.contains(where: { $0.name != system.name && $0.units.contains(name) }),
                text.map(system.isNamed(by:)) != true
            {
                return nil
            }
            for link in enabling[name] ?? [] { survey.look(at: link) }
            return LegacyUnit(
                name: name, file: file, enabledBy: enabling[name] ?? [], state: state(of: name, system, survey.view.facts),
                holdsSandboxes: system.daemonHoldsSandboxes, system: system.name)
        }
    }
}

extension Survey {
    /// The files whose command lines start a daemon of a system, whatever the names of their units.
    mutating func unitsStarting(_ system: LegacySystem) -> [FilePath] {
        var units: Set<String> = []
        for directory in LegacyUnit.directories {
            for name in names(in: directory) {
                let unit = name.hasSuffix(".d") ? String(name.dropLast(2)) : name
                if unit.hasSuffix(".service") { units.insert(unit) }
            }
        }
        return units.sorted().compactMap { unit in
            let starts = unitFiles(unit).filter(system.isNamed).flatMap { file -> [(FilePath, SystemdCommand)] in
                let sections = SystemdUnitDocument.parse(file).partial?.sections.filter { $0.name == "Service" } ?? []
                let assignments = sections.flatMap(\.assignments).filter { $0.key == "ExecStart" }
                return assignments.flatMap { $0.commands(in: file).partial ?? [] }.map { (file.path, $0) }
            }
            // A drop-in's takes the place of the unit's.
            guard let (path, command) = starts.last else { return nil }
            let words = [command.name?.text ?? command.program] + command.arguments.map(\.text)
            return system.recognise(FilePath(command.program), words)?.role == .daemon ? path : nil
        }
    }
}
