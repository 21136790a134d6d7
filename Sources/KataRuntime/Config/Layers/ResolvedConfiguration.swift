// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// A configuration with the origin of each of its values.
public struct ResolvedConfiguration: Sendable {
    /// What the runtime acts on.
    public let configuration: KataConfiguration
    /// The files, the lowest layer first.
    public let layers: [FilePath]
    /// In the order of the key tables: every key that is built at least in part, and every other one that a layer has.
    public let values: [EffectiveValue]

    /// Checks documents, lays them over each other and decodes the result; the lowest layer comes first.
    ///
    /// All problems of all layers are reported, in the order of layers and lines. No documents give the defaults.
    ///
    /// - Parameter isComplete: false when part of a document could not be read; what follows from the absence of keys is not
    ///   reported then, and there is no value.
    public static func resolve(_ documents: [TOMLDocument], isComplete: Bool = true) -> Parsed<ResolvedConfiguration> {
        let tree = LayeredTree(documents)
        let values = EffectiveValues(tree)
        var found = documents.flatMap { LayerCheck($0).diagnostics } + ValueCheck(values).diagnostics
        if isComplete { found += RuleCheck(tree, values).diagnostics }
        let layers = documents.map(\.source.path)
        let diagnostics = found.inOrder(of: layers)
        guard isComplete, !diagnostics.contains(where: { $0.severity == .error }) else {
            return Parsed(value: nil, diagnostics: diagnostics)
        }
        let shown = values.all.filter { $0.origin != nil || ($0.value != nil && $0.key.isBuilt) }
        let resolved = ResolvedConfiguration(configuration: KataConfiguration(checked: values), layers: layers, values: shown)
        return Parsed(value: resolved, diagnostics: diagnostics)
    }
}

extension ConfigKey {
    /// Whether at least one value of the key does something.
    var isBuilt: Bool {
        switch availability {
        case .built, .partly: true
        case .unbuilt, .foreign, .retired: false
        }
    }
}

extension [Diagnostic] {
    /// Layer by layer, then line by line; findings at one place keep their order.
    func inOrder(of layers: [FilePath]) -> [Diagnostic] {
        enumerated().sorted { a, b in
            let keyA = a.element.sortKey(layers, a.offset)
            let keyB = b.element.sortKey(layers, b.offset)
            return keyA.lexicographicallyPrecedes(keyB)
        }.map(\.element)
    }
}

extension Diagnostic {
    fileprivate func sortKey(_ layers: [FilePath], _ index: Int) -> [Int] {
        [path.flatMap { layers.firstIndex(of: $0) } ?? -1, range?.start.offset ?? -1, index]
    }
}
