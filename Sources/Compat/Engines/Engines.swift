// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

/// The files by which engines are told of runtimes, told apart by name and contents.
public enum Engines {
    /// What a file is to its engine.
    public enum Role: String, Sendable, CaseIterable {
        /// The engine's own configuration, or a drop-in of it.
        case configuration
        /// A systemd unit or a drop-in of one.
        case unit
        /// A file of assignments, or an init script.
        case script
    }

    /// A file that an engine reads.
    public struct Recognition: Sendable, Hashable {
        /// Whose file it is.
        public let engine: Engine
        /// What it is there for.
        public let role: Role
    }

    /// The findings' pages of all engines.
    public static let pages: [DiagnosticPage] = Docker.pages + Containerd.pages + CRIO.pages + Kubelet.pages + Podman.pages

    /// Whose file it is; nil when no engine is known to read such a one.
    public static func recognise(_ source: SourceText) -> Recognition? {
        let name = source.path.lastComponent?.string ?? ""
        if let engine = scriptNames.first(where: { matches(source.path, $0.key) })?.value {
            return Recognition(engine: engine, role: .script)
        }
        if Kubelet.recognises(source) { return Recognition(engine: .kubelet, role: .configuration) }
        if name.hasSuffix(".json") || source.bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
            guard let root = JSONDocument.parse(source).partial?.root, root.object != nil else {
                return name == "daemon.json" ? Recognition(engine: .docker, role: .configuration) : nil
            }
            let isDocker = name == "daemon.json" || root["default-runtime"] != nil || root["runtimes"]?.object != nil
            return isDocker ? Recognition(engine: .docker, role: .configuration) : nil
        }
        if let unit = unit(source) { return unit }
        if name == "crio.conf" || source.path.removingLastComponent().lastComponent == "crio.conf.d" {
            return Recognition(engine: .crio, role: .configuration)
        }
        if Podman.recognises(source) { return Recognition(engine: .podman, role: .configuration) }
        if name.hasSuffix(".toml"), source.path.components.contains("containerd") {
            return Recognition(engine: .containerd, role: .configuration)
        }
        guard let root = TOMLDocument.parse(source, as: TOMLGrammar.ofEngines).partial?.root else { return nil }
        if root.value(at: ["engine", "runtimes"])?.table != nil { return Recognition(engine: .podman, role: .configuration) }
        if root["crio"]?.table != nil { return Recognition(engine: .crio, role: .configuration) }
        let plugins = root["plugins"]?.table?.keys ?? []
        let isContainerd = plugins.contains { $0 == "cri" || $0 == "linux" || $0.hasPrefix("io.containerd.") }
        return isContainerd || root["imports"]?.array != nil && root["version"]?.integer != nil
            ? Recognition(engine: .containerd, role: .configuration) : nil
    }

    /// What the file alone says of runtimes; nil when it is no file of an engine.
    public static func read(_ source: SourceText) -> (Recognition, Parsed<EngineRegistrations>)? {
        guard let found = recognise(source) else { return nil }
        return (found, read(source, as: found))
    }

    private static func read(_ source: SourceText, as found: Recognition) -> Parsed<EngineRegistrations> {
        switch (found.engine, found.role) {
        case (.docker, .configuration): Docker.parseDaemonFile(source)
        case (.docker, .unit): Docker.parseCommandLines(units: [source])
        case (.docker, .script): Docker.parseCommandLines(units: [], scripts: [source])
        case (.containerd, .configuration): Containerd.registrations(root: source)
        case (.containerd, .unit): Containerd.parseCommandLines(units: [source])
        case (.containerd, .script): Containerd.parseCommandLines(units: [], scripts: [source])
        case (.crio, .unit): CRIO.registrations(main: nil, units: [source])
        case (.crio, _): CRIO.registrations(main: source)
        case (.kubelet, .unit): Kubelet.settings(units: [source])
        case (.kubelet, .script): Kubelet.settings(ofEnvironment: source)
        case (.podman, _): Podman.registrations([source])
        case (.kubelet, .configuration): Kubelet.settings(units: [], configuration: [source])
        }
    }

    private static let scriptNames: [String: Engine] = [
        "default/docker": .docker, "sysconfig/docker": .docker, "init.d/docker": .docker, "init/docker.conf": .docker,
        "init.d/containerd": .containerd, "default/kubelet": .kubelet, "sysconfig/kubelet": .kubelet, "kubelet/kubeadm-flags.env": .kubelet,
    ]

    private static let programs: [String: Engine] = [
        "dockerd": .docker, "docker": .docker, "dockerd-current": .docker, "docker-current": .docker, "containerd": .containerd,
        "docker-containerd": .containerd, "docker-containerd-current": .containerd, "crio": .crio, "kubelet": .kubelet,
    ]

    private static func matches(_ path: FilePath, _ end: String) -> Bool { path.ends(with: FilePath(end)) }

    /// A unit is known by its name, a drop-in by the directory it is in, both by the program that they start.
    private static func unit(_ source: SourceText) -> Recognition? {
        let names = [source.path.lastComponent?.string, source.path.removingLastComponent().lastComponent?.string].compactMap(\.self)
        let isNamed = names.contains { $0.hasSuffix(".service") || $0.hasSuffix(".service.d") }
        guard isNamed || source.bytes.count < 1 << 20 && source.bytes.contains(Array("[Service]".utf8)) else { return nil }
        for (program, engine) in programs.sorted(by: { $0.key < $1.key })
        where names.contains("\(program).service") || names.contains("\(program).service.d") {
            return Recognition(engine: engine, role: .unit)
        }
        guard let unit = SystemdUnitDocument.parse(source).partial else { return nil }
        for assignment in unit.assignments(of: "ExecStart", in: "Service") {
            for command in assignment.commands(in: source).partial ?? [] {
                guard let engine = programs[FilePath(command.program).lastComponent?.string ?? ""] else { continue }
                return Recognition(engine: engine, role: .unit)
            }
        }
        return nil
    }
}

extension [UInt8] {
    /// Whether the bytes stand somewhere in these; text of that length is slow to look through.
    fileprivate func contains(_ word: [UInt8]) -> Bool {
        guard let first = word.first, count >= word.count else { return false }
        return withUnsafeBufferPointer { all in
            (0...(all.count - word.count)).contains { all[$0] == first && all[$0..<($0 + word.count)].elementsEqual(word) }
        }
    }
}
