// SPDX-License-Identifier: Apache-2.0

package import Compat
internal import SystemPackage

/// What of one old system is installed on a host.
package struct FoundSystem: Sendable {
    let system: LegacySystem
    package private(set) var packages: [InstalledPackage]
    package private(set) var files: [InstalledFile]
    /// The files that its runtime would read.
    package let configurations: [ConfigurationFile]
    package let units: [LegacyUnit]
    /// What a file of its archive says of its release.
    private let stated: String?

    package var name: String { system.name }

    /// Of the package that has the system's, else what its archive says.
    package var version: String? { system.packages.first.flatMap { name in packages.first { $0.name == name } }?.version ?? stated }

    /// The files that its runtime reads, in its order.
    package var filesInUse: [ConfigurationFile] { configurations.filter { $0.standing == .inUse } }

    /// What one run of its runtime reads together: of Kata, whose runtimes may be given one each, the first.
    package var filesTogether: [ConfigurationFile] { filesInUse.first.map(filesTogether) ?? [] }

    /// A file of Kata and what lies over it; of others, which read several, all.
    func filesTogether(with file: ConfigurationFile) -> [ConfigurationFile] {
        guard Registry.dialect(file.dialect)?.isCurrent == true else { return filesInUse }
        let over = ConfigurationFile.dropInDirectory(of: file.path)
        return [file] + configurations.filter { $0.path.removingLastComponent() == over }
    }

    /// The releases that its packages leave; nil when they do not tell.
    package var release: ClosedRange<Release>? {
        let evidence = packages.map { ReleaseEvidence.package(name: $0.name, version: $0.version) }
        return filesInUse.first.flatMap { Registry.dialect($0.dialect) }?.release(from: evidence)?.releases
    }

    var isEmpty: Bool { packages.isEmpty && files.isEmpty && configurations.isEmpty && units.isEmpty }

    /// - Parameters:
    ///   - packages: all of the host that any system offered.
    ///   - named: configurations that engines give this system's runtimes and shims.
    init(_ system: LegacySystem, packages: [InstalledPackage], named: [FilePath], by survey: inout Survey) {
        self.system = system
        self.packages = packages.filter { system.packages.contains($0.name) }
        files = InstalledFile.found(system.files + system.families.flatMap { $0.members(by: &survey) }, by: &survey)
        // The new runtime has files of the same names, which must not be taken for what is to be migrated.
        let isThere = !system.sharesConfiguration || !files.isEmpty || !self.packages.isEmpty
        let own = self.packages
        // Some were run in an engine's place, by a unit of somebody's own.
        let named = named + (system.isConfiguredByEngines && !files.isEmpty ? survey.unitsStarting(system) : [])
        configurations = (isThere ? system.dialects : []).compactMap(Registry.dialect).flatMap { dialect in
            ConfigurationFile.found(
                of: dialect, named: named, places: system.isConfiguredByEngines ? [] : dialect.searchPaths + system.configurationPlaces,
                packages: own, by: &survey)
        }
        units = LegacyUnit.found(of: system, by: &survey)
        let line = system.versionFile.flatMap { survey.read($0, limit: 1 << 12) }?.prefix { $0 != UInt8(ascii: "\n") }
        stated = line.map { String(decoding: $0, as: UTF8.self) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// With the machine's parts, if the host has them.
    private func withMachine(_ packages: [InstalledPackage], by survey: inout Survey) -> FoundSystem {
        var found = self
        found.packages += packages.filter { system.machine.packages.contains($0.name) }
        found.files += InstalledFile.found(system.machine.files, by: &survey)
        return found
    }

    /// Those of which anything is there; what generations of one family have in common is the newest's of those that have more than that.
    static func all(packages: [InstalledPackage], callers: [EngineHost], by survey: inout Survey) -> [FoundSystem] {
        var systems: [FoundSystem] = []
        for system in LegacySystem.all {
            let named = callers.configurations(of: system, by: &survey)
            systems.append(FoundSystem(system, packages: packages, named: named, by: &survey))
        }
        for (index, found) in systems.enumerated() {
            let generations = systems.filter { $0.system.family == found.system.family }
            guard (generations.first { !$0.isEmpty } ?? generations[0]).name == found.name else { continue }
            systems[index] = found.withMachine(packages, by: &survey)
        }
        return systems.filter { !$0.isEmpty }
    }
}
