// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

extension Step.ID {
    static let configuration = Step.ID(rawValue: "configuration")
}

extension Planner {
    mutating func planConfiguration() {
        guard let predecessor = scan.predecessor, let legacy = predecessor.filesInUse.first else { return }
        let files = predecessor.filesInUse
        let others = scan.systems.filter { $0.name != predecessor.name }.flatMap(\.filesInUse)
        if !others.isEmpty { preflight.append(.severalConfigurations(legacy, others)) }
        guard let dialect = Registry.dialect(legacy.dialect) else { return }  // it was found through its dialect
        let conversion = Conversion(of: files.map(\.source), as: dialect, layout: layout, releases: predecessor.release)
        translation = conversion.translation
        guard let bytes = conversion.bytes else {
            preflight.append(.untranslatable(legacy.path))
            return
        }
        let target = layout.configuration
        let current = survey.read(target)
        if current == bytes { return }
        var change = Change.create(target, bytes: bytes, mode: 0o644)
        if let current, isInstalled(target, current) {
            change = .replace(target, before: current, after: bytes)
        } else if current != nil || survey.exists(target) {
            preflight.append(.occupiedTarget(target))
            return
        }
        steps.append(
            Step(
                id: .configuration, kind: .writeConfiguration, object: target.string,
                reason: "the new runtime reads one configuration; this is \(files.map(\.path.string).joined(separator: ", ")) translated",
                hazards: [], reliesOn: observed(files.map(\.path) + [target]),
                // Kernel parameters and paths are nobody's secret, and the new runtime's users read the file too.
                changes: [change], after: []))
    }

    /// Whether a file is as `make install` wrote it, and so nobody's choice.
    private mutating func isInstalled(_ path: FilePath, _ content: [UInt8]) -> Bool {
        guard let list = survey.read(layout.installedFiles) else { return false }
        let line = "\(SHA256.hexadecimal(of: content))  \(path)"
        return String(decoding: list, as: UTF8.self).split(separator: "\n").contains { $0 == line }
    }
}
