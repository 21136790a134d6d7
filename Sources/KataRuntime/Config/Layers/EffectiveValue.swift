// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// What holds for one key after all layers, and why.
public struct EffectiveValue: Sendable, Hashable {
    /// Where a value comes from.
    public enum Source: Sendable, Hashable {
        /// No layer has the key.
        case absent
        /// A layer has the key with a value that Kata reads as if the key were absent: "" or, for most numbers, 0.
        case defaulted(ValueOrigin)
        /// The value is the one that stands there.
        case stated(ValueOrigin)
    }

    /// The key.
    public let key: ConfigKey
    /// Nil when no layer has the key and it has no default.
    public let value: ConfigValue?
    /// Where it comes from.
    public let source: Source
    /// Where lower layers gave other values, the lowest first.
    public let overridden: [ValueOrigin]

    /// Whether this value does here what Kata documents; false for whatever is not built, not for QEMU, or retired.
    public var hasEffect: Bool {
        switch key.availability {
        case .built: true
        case .partly(let built, _): value.map(built.contains) ?? false
        case .unbuilt, .foreign, .retired: false
        }
    }

    /// The place of the key in the uppermost layer that has it.
    public var origin: ValueOrigin? {
        switch source {
        case .absent: nil
        case .defaulted(let origin), .stated(let origin): origin
        }
    }
}

/// The effective value of every known key.
///
/// A key whose value has the wrong type counts as absent; `LayerCheck` has reported it.
struct EffectiveValues: Sendable {
    private let values: [ConfigKey: EffectiveValue]

    init(_ tree: LayeredTree) {
        var values: [ConfigKey: EffectiveValue] = [:]
        for table in ConfigTable.allCases {
            let entries = tree.table(at: table.path)
            for key in table.keys {
                values[key] = Self.resolve(key, entries?.entry(key.name))
            }
        }
        self.values = values
    }

    /// In the order of the key tables.
    var all: [EffectiveValue] { ConfigKey.all.compactMap { values[$0] } }

    subscript(key: ConfigKey) -> EffectiveValue {
        values[key] ?? EffectiveValue(key: key, value: key.defaultValue, source: .absent, overridden: [])
    }

    private static func resolve(_ key: ConfigKey, _ entry: LayeredTree.Entry?) -> EffectiveValue {
        guard let entry, case .value(let located) = entry.node, let value = try? key.type.read(located) else {
            return EffectiveValue(key: key, value: key.defaultValue, source: .absent, overridden: [])
        }
        if key.readsAsAbsent(value) {
            return EffectiveValue(
                key: key, value: key.defaultValue, source: .defaulted(entry.origin), overridden: entry.overridden)
        }
        return EffectiveValue(key: key, value: value, source: .stated(entry.origin), overridden: entry.overridden)
    }

    // The four below read what the key table promises, so a mismatch can only be an error in that table.

    func text(_ key: ConfigKey) -> String {
        guard case .string(let text)? = self[key].value else { preconditionFailure("\(key.dottedName) is no string key") }
        return text
    }

    func flag(_ key: ConfigKey) -> Bool {
        guard case .boolean(let flag)? = self[key].value else { preconditionFailure("\(key.dottedName) is no boolean key") }
        return flag
    }

    func integer(_ key: ConfigKey) -> Int64 {
        guard case .integer(let number)? = self[key].value else { preconditionFailure("\(key.dottedName) is no integer key") }
        return number
    }

    func number(_ key: ConfigKey) -> Double {
        guard case .number(let number)? = self[key].value else { preconditionFailure("\(key.dottedName) is no number key") }
        return number
    }

    func strings(_ key: ConfigKey) -> [String] {
        guard case .strings(let list)? = self[key].value else { preconditionFailure("\(key.dottedName) is no list key") }
        return list
    }
}

extension ConfigKey {
    /// Whether Kata takes that value as if the key were absent: an empty string, and 0 where the default is another number.
    func readsAsAbsent(_ value: ConfigValue) -> Bool {
        switch value {
        case .string(let text): text.isEmpty
        case .integer, .number: value.isNeutral && !(defaultValue?.isNeutral ?? true)
        case .boolean, .strings, .tables: false
        }
    }
}
