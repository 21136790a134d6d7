// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

extension Step.ID {
    static let configuration = Step.ID(rawValue: "configuration")
}

extension Planner {
    mutating func planConfiguration() {
        guard let predecessor = scan.predecessor, let legacy = predecessor.filesInUse.first else { return }
        let others = scan.systems.filter { $0.name != predecessor.name }.flatMap(\.filesInUse)
        if !others.isEmpty { preflight.append(.severalConfigurations(legacy, others, ofOneSystem: false)) }
        guard let dialect = Registry.dialect(legacy.dialect) else { return }  // it was found through its dialect
        let files = predecessor.filesTogether
        let unused = predecessor.filesInUse.filter { file in
            !files.contains { $0.path == file.path || $0.source.bytes == file.source.bytes }
        }
        if !unused.isEmpty { preflight.append(.severalConfigurations(legacy, unused, ofOneSystem: true)) }
        let conversion = Conversion(of: files.map(\.source), as: dialect, layout: layout, releases: predecessor.release)
        translation = conversion.translation
        guard let bytes = conversion.bytes else {
            preflight.append(.untranslatable(legacy.path))
            return
        }
        if dialect.isCurrent, isReadInPlace(legacy.path) {
            if !isWritten(legacy, by: predecessor), claim(legacy.path) { layOver(legacy, bytes) }
            return
        }
        let target = layout.configuration
        let current = survey.read(target)
        if current == bytes || !claim(target) { return }
        var change = Change.create(target, bytes: bytes, mode: 0o644)
        if let current, isInstalled(target, current) {
            change = .replace(target, before: current, after: bytes)
        } else if current != nil || survey.exists(target) {
            preflight.append(.occupiedTarget(target))
            return
        }
        write(
            change, target, reliesOn: files.map(\.path),
            reason: "the new runtime reads one configuration; this is \(files.map(\.path.string).joined(separator: ", ")) translated")
    }

    private mutating func write(_ change: Change, _ target: FilePath, reliesOn: [FilePath], reason: String) {
        steps.append(
            Step(
                id: .configuration, kind: .writeConfiguration, object: target.string, reason: reason, hazards: [],
                reliesOn: observed(reliesOn + [target]),
                // Kernel parameters and paths are nobody's secret, and the new runtime's users read the file too.
                changes: [change], after: []))
    }

    /// Takes a file for the new runtime, unless a shim of the old system goes on reading it, which is then said: one that is called after the
    /// migration as before would boot the new runtime's guest, with whose agent it cannot speak.
    private mutating func claim(_ file: FilePath) -> Bool {
        let system = LegacySystem.kata
        let shims = Set(scan.files.filter { $0.role == .shim }.map(\.seen.path.lastComponent))
        for engine in scan.allEngines {
            for shim in engine.legacyRegistrations
            where shim.convention != .commandLine && shims.contains(shim.binaryPath.lastComponent) {
                let told = shim.configuration(of: system, by: &survey)
                guard told == nil && file == layout.configuration || told == file else { continue }
                let isNeeded =
                    scan.allEngines.contains { $0.legacyRegistrations.contains { $0.convention == .commandLine } }
                    || scan.sandboxes.contains { $0.owner == .nobody }
                preflight.append(.sharedConfiguration(file, engine.engine, shim, isNeeded: isNeeded))
                leftInPlace.append(
                    Leftover(
                        what: "configuration \(file)",
                        why: "\(engine.engine.rawValue) goes on calling \(shim.binaryPath) for runtime \(shim.runtimeName), which reads it")
                )
                return false
            }
        }
        return true
    }

    /// Whether the new runtime reads the old one's very file: in its own place, or because an engine goes on naming it.
    private func isReadInPlace(_ file: FilePath) -> Bool {
        file == layout.configuration
            || scan.predecessor.map { predecessor in
                scan.allEngines.flatMap(\.registrations).contains { registration in
                    registration.convention == .commandLine && registration.system?.name == predecessor.name
                        && registration.namedConfiguration(of: predecessor.system) == file
                }
            } ?? false
    }

    /// Whether the file is what a migration made of another one of the same system.
    private func isWritten(_ file: ConfigurationFile, by system: FoundSystem) -> Bool {
        system.configurations.contains { other in
            guard other.path != file.path, let dialect = Registry.dialect(other.dialect) else { return false }
            let sources = system.filesTogether(with: other).map(\.source)
            return Conversion(of: sources, as: dialect, layout: layout, releases: system.release).bytes == file.source.bytes
        }
    }

    /// The file stays as it is until everything is forgotten, and long after; only what it must not say is said over it.
    private mutating func layOver(_ legacy: ConfigurationFile, _ bytes: [UInt8]) {
        guard let over = ConfigurationDropIn(over: legacy.source, saying: bytes).bytes else { return }
        let target = ConfigurationDropIn.path(beside: legacy.path)
        if let current = survey.read(target) {
            if current != over { preflight.append(.occupiedTarget(target)) }
            return
        }
        write(
            .create(target, bytes: over, mode: 0o644), target, reliesOn: [legacy.path],
            reason: "the new runtime reads \(legacy.path), which stays as it is; this is laid over what it must not say any more")
    }

    /// Whether a file is as `make install` wrote it, and so nobody's choice.
    private mutating func isInstalled(_ path: FilePath, _ content: [UInt8]) -> Bool {
        guard let list = survey.read(layout.installedFiles) else { return false }
        let line = "\(SHA256.hexadecimal(of: content))  \(path)"
        return String(decoding: list, as: UTF8.self).split(separator: "\n").contains { $0 == line }
    }
}
