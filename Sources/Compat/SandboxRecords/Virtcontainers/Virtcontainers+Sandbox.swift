// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension RecordReading {
    mutating func virtcontainers(_ layout: VirtcontainersLayout) -> SandboxRecords {
        var sandboxes: [LegacySandbox] = []
        var broken: [BrokenRecord] = []
        let configured = directories(in: layout.configurationRoot, limit: RecordLimits.sandboxes)
        let running = directories(in: layout.runRoot, limit: RecordLimits.sandboxes)
        for name in Set(configured).union(running).sorted(by: { $0.string < $1.string }) {
            let place = Place(name: name, layout: layout)
            let contents = contents(of: place)
            let file = place.configuration.appending("config.json")
            let persisted = place.run.appending(KataRecords.persistFile)
            if layout.format == .kata, contents.files.contains(persisted) {
                if let record = record(persisted, limit: RecordLimits.configuration) {
                    sandboxes.append(persistedSandbox(place, record, contents))
                } else {
                    broken.append(self.broken(place.id, .kata, contents.files, persisted))
                }
            } else if let configuration = record(file, limit: RecordLimits.configuration) {
                sandboxes.append(sandbox(place, configuration, contents))
            } else {
                broken.append(self.broken(place.id, layout.format, contents.files, file))
            }
        }
        return SandboxRecords(sandboxes: sandboxes, broken: broken, diagnostics: diagnostics)
    }

    /// Reports a record that lacks the file without which nothing can be said.
    mutating func broken(_ id: LegacySandboxID, _ format: RecordFormat, _ files: [FilePath], _ file: FilePath) -> BrokenRecord {
        let name = file.lastComponent?.string ?? ""
        let reason = files.contains(file) ? "its \(name) cannot be read" : "it has no \(name)"
        report(.brokenRecord, .error, "nothing can be said of sandbox '\(id)': \(reason)", file)
        return BrokenRecord(id: id, format: format, files: files, reason: reason)
    }

    /// The two directories of a sandbox.
    struct Place {
        let id: LegacySandboxID
        let configuration: FilePath
        let run: FilePath
        let layout: VirtcontainersLayout

        init(name: FilePath.Component, layout: VirtcontainersLayout) {
            id = LegacySandboxID(rawValue: name.string)
            configuration = layout.configurationRoot.appending(name)
            run = layout.runRoot.appending(name)
            self.layout = layout
        }
    }

    /// What lies in the two directories and those of the containers.
    struct Contents {
        var files: [FilePath] = []
        var sockets: [FilePath] = []
        var containers: [FilePath.Component] = []
        var hasRunDirectory = false
        var hasLock = false
    }

    private mutating func contents(of place: Place) -> Contents {
        var contents = Contents()
        for root in [place.configuration, place.run] {
            guard let entries = list(root) else { continue }
            if root == place.run {
                contents.hasRunDirectory = true
                contents.hasLock = entries.contains { $0.name == "lock" && $0.kind == .file }
            }
            for entry in entries.prefix(RecordLimits.containers) {
                guard let name = component(entry.name, in: root) else { continue }
                switch entry.kind {
                case .file: contents.files.append(root.appending(name))
                case .socket: contents.sockets.append(root.appending(name))
                case .directory:
                    if !contents.containers.contains(name) { contents.containers.append(name) }
                    let inner = list(root.appending(name)) ?? []
                    contents.files += inner.prefix(RecordLimits.containers).filter { $0.kind == .file }
                        .compactMap { component($0.name, in: root).map { root.appending(name).appending($0) } }
                case .link, .other: break
                }
            }
        }
        return contents
    }

    private mutating func sandbox(_ place: Place, _ configuration: Part, _ contents: Contents) -> LegacySandbox {
        check(place, configuration, contents)
        let state = record(place.run.appending("state.json"))
        let agent = record(place.run.appending("agent.json"))
        let hypervisorState = record(place.run.appending("hypervisor.json"))
        let network = record(place.run.appending("network.json"))
        var processes: [RecordedProcess] = []
        if place.layout.format == .kata, let machine = machineProcess(of: place) { processes.append(machine) }
        if let proxy = process(.proxy, "ProxyPid", of: agent) ?? process(.proxy, "ProxyPid", of: state) { processes.append(proxy) }
        let containers = containers(place, configuration, contents, &processes)
        var annotations = table("Annotations", of: configuration)
        let hooks = hooks(configuration)
        _ = Virtcontainers.take(.specification, from: &annotations)
        let bundle = Virtcontainers.find(.bundle, in: annotations).flatMap(usablePath)
        return LegacySandbox(
            format: place.layout.format, id: place.id,
            releases: releases(configuration, state: state, hasAgentFile: agent != nil, place),
            state: self.state(of: state, hasRunDirectory: contents.hasRunDirectory), hostname: text("Hostname", of: configuration) ?? "",
            hypervisor: hypervisor(configuration, hypervisorState), containers: containers,
            network: network.map { self.network($0, configuration, place.layout) }, hooks: hooks, annotations: annotations,
            processes: processes,
            proxyURL: text("URL", of: agent) ?? text("url", of: state), sockets: contents.sockets, files: contents.files, bundle: bundle,
            owner: owner(containers, hooks, bundle))
    }

    private mutating func check(_ place: Place, _ configuration: Part, _ contents: Contents) {
        if let recorded = text("ID", of: configuration), recorded != place.id.rawValue {
            let message = "the record is of \"\(recorded.prefix(80))\", its directory of \(place.id)"
            report(.otherName, .warning, message, configuration.file, configuration.value["ID"]?.range)
        }
        if !contents.hasRunDirectory {
            report(.lostState, .note, "sandbox \(place.id) has no state: the host was restarted since it ran", place.run)
        } else if !contents.hasLock {
            report(.noLock, .note, "sandbox \(place.id) has no lock, so the runtime does not see it", place.run)
        }
    }

    /// The one field of `state.json` that every release has.
    mutating func state(of part: Part?, hasRunDirectory: Bool) -> LegacyState {
        hasRunDirectory ? state("state", of: part) : .lost
    }

    /// One of the words that the runtimes wrote.
    mutating func state(_ key: String, of part: Part?) -> LegacyState {
        guard let part, let word = text(key, of: part), !word.isEmpty else { return .unclear("") }
        switch word {
        case "ready", "created": return .ready
        case "running": return .running
        case "paused": return .paused
        case "stopped": return .stopped
        default:
            report(.surprise, .warning, "unknown state \"\(word.prefix(40))\"", part.file, part.value[key]?.range)
            return .unclear(word)
        }
    }

    private mutating func hypervisor(_ configuration: Part, _ state: Part?) -> LegacyHypervisor {
        let part = part("HypervisorConfig", of: configuration)
        let size = self.part("VMConfig", of: configuration)
        let parameters = parts("KernelParams", of: part).map { parameter in
            let (key, value) = (text("Key", of: parameter) ?? "", text("Value", of: parameter) ?? "")
            return value.isEmpty ? key : "\(key)=\(value)"
        }
        // A container's own limits come first; 0 says that it had none.
        let ownVCPUs = number("VCPUs", of: size) ?? 0
        let ownMemory = number("Memory", of: size) ?? 0
        return LegacyHypervisor(
            type: text("HypervisorType", of: configuration) ?? "", path: path("HypervisorPath", of: part),
            kernel: path("KernelPath", of: part), image: path("ImagePath", of: part), initrd: path("InitrdPath", of: part),
            machineType: text("HypervisorMachineType", of: part) ?? "",
            vcpus: ownVCPUs > 0 ? ownVCPUs : number("DefaultVCPUs", of: part) ?? number("NumVCPUs", of: part) ?? 0,
            memoryMiB: ownMemory > 0 ? ownMemory : number("DefaultMemSz", of: part) ?? number("MemorySize", of: part) ?? 0,
            kernelParameters: parameters,
            uuid: text("UUID", of: state))
    }

    private mutating func hooks(_ configuration: Part) -> [LegacyHook] {
        let part = part("Hooks", of: configuration)
        let points: [(String, LegacyHook.Point)] = [
            ("PreStartHooks", .prestart), ("PostStartHooks", .poststart), ("PostStopHooks", .poststop),
        ]
        var hooks: [LegacyHook] = []
        for (key, point) in points {
            for hook in parts(key, of: part) {
                guard let path = path("Path", of: hook) else { continue }
                hooks.append(LegacyHook(point: point, path: path, arguments: texts("Args", of: hook)))
            }
        }
        return hooks
    }

    func usablePath(_ text: String) -> FilePath? {
        text.isEmpty || text.utf8.contains(0) ? nil : FilePath(text)
    }
}
