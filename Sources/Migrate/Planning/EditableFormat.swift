// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
package import SystemPackage

/// A file of an engine or an orchestrator, which stays what it is and only names other programs.
package struct EditableFormat: Sendable {
    /// `docker-daemon`.
    package let name: String
    package let title: String
    /// Where it usually lies.
    package let path: FilePath
    package let recognise: @Sendable (SourceText) -> Bool
    package let edits: @Sendable (SourceText, TargetLayout) -> Parsed<[TextEdit]>

    /// All of them; the first that claims a file has it.
    package static let all: [EditableFormat] = [dockerDaemon, dockerUnit]

    private static let dockerDaemon = EditableFormat(
        name: "docker-daemon", title: "docker's daemon.json", path: "/etc/docker/daemon.json",
        recognise: { source in
            let root = JSONDocument.parse(source).partial?.root
            return root?["runtimes"]?.object != nil || root?["default-runtime"]?.string != nil
                || (root?.object != nil && source.path.lastComponent?.string == "daemon.json")
        },
        edits: { source, layout in programEdits(Docker.parseDaemonFile(source), layout) })

    private static let dockerUnit = EditableFormat(
        name: "docker-unit", title: "a unit or drop-in of docker",
        path: "/etc/systemd/system/docker.service.d/runtime.conf",
        recognise: { source in
            guard ["service", "conf"].contains(source.path.extension) else { return false }
            let commands = SystemdUnitDocument.parse(source).partial?.assignments(of: "ExecStart", in: "Service") ?? []
            return commands.contains { $0.value.contains("dockerd") || $0.value.contains("docker daemon") }
        },
        edits: { source, layout in programEdits(Docker.parseUnits([source]), layout) })

    /// Each registration that calls a program of an old system calls ours under that program's name.
    private static func programEdits(_ found: Parsed<EngineRegistrations>, _ layout: TargetLayout) -> Parsed<[TextEdit]> {
        found.map { all in
            all.registrations.compactMap { registration in
                guard let name = registration.legacyProgram else { return nil }
                return registration.edit(changingPathTo: layout.legacyNames.appending(name))
            }
        }
    }
}

extension EngineRegistration {
    /// The old runtime that it calls, by the name that ours answers to; nil when it calls something else.
    var legacyProgram: String? {
        switch binaryPath.lastComponent?.string {
        case "cc-runtime": "cc-runtime"
        case "cc-oci-runtime", "cc-oci-runtime.sh": "cc-oci-runtime"
        case "runv": "runv"
        default: nil
        }
    }
}
