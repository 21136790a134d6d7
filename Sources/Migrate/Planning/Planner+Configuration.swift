// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import SystemPackage

extension Step.ID {
    static let configuration = Step.ID(rawValue: "configuration")
}

extension Planner {
    mutating func planConfiguration() {
        guard let legacy = scan.configuration else { return }
        let conversion = Conversion(of: legacy.source, layout: layout, dialect: Registry.dialect(legacy.dialect))
        translation = conversion.translation
        guard let bytes = conversion.bytes else {
            preflight.append(.untranslatable(legacy.path))
            return
        }
        let target = layout.configuration
        let current = survey.read(target)
        if current == bytes { return }
        if current != nil || survey.exists(target) {
            preflight.append(.occupiedTarget(target))
            return
        }
        steps.append(
            Step(
                id: .configuration, kind: .writeConfiguration, object: target.string,
                reason: "the new runtime reads one configuration; this is \(legacy.path) translated",
                hazards: [], reliesOn: observed([legacy.path, target]),
                // Kernel parameters and paths are nobody's secret, and the new runtime's users read the file too.
                changes: [.create(target, bytes: bytes, mode: 0o644)], after: []))
    }
}
