// SPDX-License-Identifier: Apache-2.0

internal import Compat
package import KataText
package import SystemPackage

/// A file of an engine or an orchestrator, which stays what it is and only names other programs; or a pod file, which becomes manifests.
package struct EditableFormat: Sendable {
    /// `docker-configuration`.
    package let name: String
    package let title: String
    private let kind: Kind
    /// Where it usually lies.
    package let path: FilePath
    package let edits: @Sendable (SourceText, TargetLayout) -> Parsed<[TextEdit]>

    private enum Kind: Hashable {
        case engine(Engine, Engines.Role)
        case document(Documents.Kind)
    }

    package static let all: [EditableFormat] = engines + [manifest, hyperPod]

    /// The one that a file is of; nil when it is of none.
    package static func recognised(_ source: SourceText) -> EditableFormat? {
        let kind: Kind? =
            Engines.recognise(source).map { .engine($0.engine, $0.role) } ?? Documents.recognise(source).map { .document($0.kind) }
        return all.first { $0.kind == kind }
    }

    private static let engines = [
        engine(.docker, .configuration, "docker's daemon.json", "/etc/docker/daemon.json"),
        engine(.docker, .unit, "a unit or drop-in of docker", "/etc/systemd/system/docker.service.d/runtime.conf"),
        engine(.docker, .script, "docker's options for init scripts", "/etc/default/docker"),
        engine(.containerd, .configuration, "containerd's config.toml", "/etc/containerd/config.toml"),
        engine(.containerd, .unit, "a unit or drop-in of containerd", "/etc/systemd/system/containerd.service.d/runtime.conf"),
        engine(.containerd, .script, "an init script of containerd", "/etc/init.d/containerd"),
        engine(.crio, .configuration, "crio.conf or a drop-in of it", "/etc/crio/crio.conf"),
        engine(.crio, .unit, "a unit or drop-in of CRI-O", "/etc/systemd/system/crio.service.d/runtime.conf"),
        engine(.kubelet, .configuration, "the kubelet's KubeletConfiguration", "/var/lib/kubelet/config.yaml"),
        engine(.kubelet, .unit, "a unit or drop-in of the kubelet", "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf"),
        engine(.kubelet, .script, "the kubelet's flags for its unit", "/etc/default/kubelet"),
        engine(.podman, .configuration, "podman's containers.conf", "/etc/containers/containers.conf"),
    ]

    private static func engine(_ engine: Engine, _ role: Engines.Role, _ title: String, _ path: FilePath) -> EditableFormat {
        EditableFormat(
            name: "\(engine.rawValue)-\(role.rawValue)", title: title, kind: .engine(engine, role), path: path,
            edits: { source, layout in
                guard let (_, found) = Engines.read(source) else { return Parsed(value: nil) }
                return programEdits(found, source, layout)
            })
    }

    private static let manifest = document(.manifest, "kubernetes-manifest", "Kubernetes manifests", "pod.yaml")
    private static let hyperPod = document(.hyperPod, "hyper-pod", "a pod file of hyperd", "hyper.pod")

    private static func document(_ kind: Documents.Kind, _ name: String, _ title: String, _ path: FilePath) -> EditableFormat {
        EditableFormat(
            name: name, title: title, kind: .document(kind), path: path,
            edits: { source, layout in
                let made = Documents.translation(of: source, as: kind, options: layout.manifests)
                return Parsed(value: made.changes, diagnostics: made.diagnostics)
            })
    }

    /// Each registration that calls a program of an old system calls ours under that program's name.
    private static func programEdits(
        _ found: Parsed<EngineRegistrations>, _ source: SourceText, _ layout: TargetLayout
    ) -> Parsed<[TextEdit]> {
        let legacy = (found.partial?.registrations ?? []).filter { $0.legacyProgram != nil }
        do throws(EngineEditError) {
            let edits = try legacy.edits(
                changingPathTo: { layout.legacyNames.appending($0.legacyProgram ?? "") }, in: [source])
            return Parsed(value: edits, diagnostics: found.diagnostics)
        } catch {
            return Parsed(value: nil, diagnostics: found.diagnostics + [.uneditable(source.path)])
        }
    }
}

extension EngineRegistration {
    /// The old runtime that it calls, by the name that ours answers to; nil when it calls something else.
    var legacyProgram: String? {
        guard convention == .commandLine else { return nil }
        return switch (wrapped ?? binaryPath).lastComponent?.string {
        case "cc-runtime": "cc-runtime"
        // The wrapper of the old program did what the program itself does here.
        case "cc-oci-runtime", "cc-oci-runtime.sh": "cc-oci-runtime"
        case "runv": "runv"
        default: nil
        }
    }
}
