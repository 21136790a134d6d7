// SPDX-License-Identifier: Apache-2.0

internal import KataConfig

/// Two configurations side by side.
package struct ConfigurationComparison: Sendable {
    /// What holds for one thing on either side.
    package struct Row: Sendable {
        package let old: ConfigurationSide.Setting?
        package let new: ConfigurationSide.Setting?

        /// Whether both sides do the same.
        package var isSame: Bool {
            guard let old, let new else { return false }
            return old.value.isEqual(to: new.value)
        }
    }

    package let old: ConfigurationSide
    package let new: ConfigurationSide
    /// In the order of the old side, then what only the new one has.
    package let rows: [Row]
    /// Both command lines with equal kinds of options beside each other; nil unless both are known.
    package let machine: [AlignedOptions.Pair]?

    package init(_ old: ConfigurationSide, _ new: ConfigurationSide) {
        self.old = old
        self.new = new
        var left = new.settings
        var rows: [Row] = []
        for setting in old.settings {
            let match = left.firstIndex { other in
                if let target = setting.target, target == other.target { return true }
                return setting.target == nil && other.name == setting.name
            }
            rows.append(Row(old: setting, new: match.map { left.remove(at: $0) }))
        }
        self.rows = rows + left.map { Row(old: nil, new: $0) }
        if let before = old.machine, let after = new.machine {
            machine = AlignedOptions(before, after).pairs
        } else {
            machine = nil
        }
    }
}

extension ConfigValue {
    /// 1 and 1.0 are the same number of CPUs.
    fileprivate func isEqual(to other: ConfigValue) -> Bool {
        switch (self, other) {
        case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)): Double(a) == b
        default: self == other
        }
    }
}
