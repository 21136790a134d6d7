// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataConfig
internal import KataHypervisor
package import KataText
package import SystemPackage

/// One of two configurations that are compared: what holds under it, and the QEMU that it makes.
package struct ConfigurationSide: Sendable {
    /// What holds for one key.
    package struct Setting: Sendable {
        /// As this side's format calls it.
        package let name: String
        /// Today's key; nil when none has its meaning.
        package let target: TargetKey?
        package let value: ConfigValue
        /// `path:line`, or nil for a default.
        package let place: String?
    }

    package let title: String
    package let settings: [Setting]
    /// The program first; nil for a system that ran no QEMU under these settings.
    package let machine: [String]?
    /// Why there is none.
    package let machineUnknown: String?

    /// What a machine depends on besides its configuration.
    package typealias Host = LegacyMachine.Host
}

extension ConfigurationSide {
    /// A configuration of an old system.
    init(_ translation: Translation, of dialect: Dialect, releases: ClosedRange<Release>?, on host: Host) {
        let effective = EffectiveSettings(of: translation, in: dialect, releases: releases)
        let machine = LegacyMachine(of: effective, in: dialect, sources: translation.sources, releases: releases, on: host)
        self.init(
            title: dialect.title,
            settings: effective.settings.map { setting in
                Setting(
                    name: setting.rule.source.description, target: setting.rule.fate.target, value: setting.value,
                    place: setting.place.map { "\($0.file.string):\($0.line)" })
            }, machine: machine?.arguments,
            machineUnknown: machine == nil ? "no QEMU was started under these settings" : nil)
    }

    /// A configuration of today.
    init(_ resolved: ResolvedConfiguration, on host: Host) {
        self.init(
            title: "today's configuration",
            settings: resolved.values.compactMap { effective in
                guard let value = effective.value else { return nil }
                let place: String? = if case .stated(let origin) = effective.source { origin.lineReference } else { nil }
                return Setting(
                    name: effective.key.dottedName, target: TargetKey(effective.key.table, effective.key.name), value: value, place: place)
            }, machine: Self.machine(of: resolved.configuration, on: host), machineUnknown: nil)
    }

    /// As for a sandbox with one network interface, on a host where KVM is sound.
    private static func machine(of configuration: KataConfiguration, on host: Host) -> [String] {
        MachineSpec(
            name: "<id>", uuid: "<uuid>", configuration: configuration,
            accelerator: configuration.hypervisor.accelerator == .tcg ? .tcg : .kvm, hostProcessors: host.processors,
            hostMemoryMiB: host.memoryMiB,
            agentTransport: .serial, sharedDirectory: SharedDirectory(path: "/run/kata-swift/sandboxes/<id>/shared"),
            networkInterfaces: ["<mac>"]
        ).qemuArguments()
    }
}

extension ConfigurationSide {
    /// A side, or why there is none.
    package struct Reading: Sendable {
        /// Nil when a finding is an error.
        package let side: ConfigurationSide?
        package let diagnostics: [Diagnostic]
        package let sources: [FilePath: SourceText]
        /// What the translation of an old configuration is; nil for one of today.
        package let conversion: Conversion?
    }

    /// Files that one run of a program reads together, of an old system or of today.
    package static func read(_ paths: [FilePath], dialect: Dialect?, releases: ClosedRange<Release>?, layout: TargetLayout, on host: Host)
        -> Reading
    {
        let search = DocumentSearch(paths)
        let sources = Dictionary(search.files.map { ($0.source.path, $0.source) }) { first, _ in first }
        guard !search.isIncomplete, let first = search.files.first else {
            return Reading(side: nil, diagnostics: search.diagnostics, sources: sources, conversion: nil)
        }
        guard let found = dialect ?? search.files.lazy.compactMap({ legacy($0.source) }).first else {
            return today(first.source, sources, on: host)
        }
        let own = search.files.map(\.source).filter { found.recognise($0) != nil }
        let read = own.isEmpty || !found.isSpread ? [own.first ?? first.source] : own
        let conversion = Conversion(of: read, as: found, layout: layout, releases: releases)
        guard conversion.bytes != nil, let translation = conversion.translation else {
            return Reading(side: nil, diagnostics: conversion.diagnostics, sources: sources, conversion: conversion)
        }
        return Reading(
            side: ConfigurationSide(translation, of: found, releases: releases, on: host), diagnostics: [], sources: sources,
            conversion: conversion)
    }

    /// What today's runtimes read themselves is no old configuration.
    private static func legacy(_ source: SourceText) -> Dialect? {
        Registry.recognise(source).first { $0.confidence >= .likely }.flatMap { Registry.dialect($0.dialect) }
    }

    /// What an old configuration is converted to.
    package static func converted(_ conversion: Conversion, on host: Host) -> Reading {
        guard let bytes = conversion.bytes else {
            return Reading(side: nil, diagnostics: conversion.diagnostics, sources: [:], conversion: nil)
        }
        return today(bytes, on: host)
    }

    /// What an old configuration was converted to.
    static func today(_ converted: [UInt8], on host: Host) -> Reading {
        let source = SourceText(path: "(converted)", bytes: converted)
        return today(source, [source.path: source], on: host)
    }

    private static func today(_ source: SourceText, _ sources: [FilePath: SourceText], on host: Host) -> Reading {
        let parsed = TOMLDocument.parse(source, grammar: .toml11)
        let resolved = parsed.value.map { ResolvedConfiguration.resolve([$0]) }
        let diagnostics = (parsed.diagnostics + (resolved?.diagnostics ?? [])).filter { $0.severity == .error }
        return Reading(
            side: resolved?.value.map { ConfigurationSide($0, on: host) }, diagnostics: diagnostics, sources: sources, conversion: nil)
    }
}
