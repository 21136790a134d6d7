// SPDX-License-Identifier: Apache-2.0
public import KataConfig

/// How the values of a key change.
public enum ValueMapping: Sendable {
    /// Only these texts are allowed.
    case choices([ValueChoice])
    /// The same in any case of their letters.
    case foldedChoices([ValueChoice])
    /// Any text but the empty one turns a feature on.
    case presence(Remark)
    /// An integer below a bound stands for another one.
    case raised(below: Int64, to: Int64, Remark)
    /// An integer of this range is worth a remark and stays.
    case remarked(ClosedRange<Int64>, Remark)
    /// Every text but these gives way to one value.
    case fixed(except: [String], to: ConfigValue, Remark)
    /// A text of words, some of which change.
    case words(separator: Character, [WordRule])
    /// These texts change, others stay.
    case respelt([ValueChoice])
    /// Only these values are allowed.
    case values([ValuePair])
    /// Only these elements of a list stay.
    case elements([String], Remark)
    /// An integer above a bound gives way to another one.
    case lowered(above: Int64, to: Int64, Remark)
    /// An integer in a coarser unit.
    case scaled(by: Int64, Remark)
    /// An integer in a finer unit, rounded up.
    case divided(by: Int64, Remark)
    /// A number with a fraction becomes the next integer.
    case roundedUp(Remark)
}

/// One allowed value of a key.
public struct ValuePair: Sendable {
    /// The legacy value.
    public let from: ConfigValue
    /// Today's.
    public let to: ConfigValue
    /// What is said when it is used; nil when nothing changes.
    public let remark: Remark?

    /// A value that becomes another.
    public init(_ from: ConfigValue, _ to: ConfigValue, _ remark: Remark? = nil) {
        self.from = from
        self.to = to
        self.remark = remark
    }
}

/// One allowed text of a key.
public struct ValueChoice: Sendable {
    /// The legacy text.
    public let from: String
    /// Today's; nil for what the legacy runtime took and nothing stands for today.
    public let to: String?
    /// What is said when it is used; nil when nothing changes.
    public let remark: Remark?

    /// A text that becomes another.
    public init(_ from: String, _ to: String, _ remark: Remark? = nil) {
        self.from = from
        self.to = to
        self.remark = remark
    }

    /// A text that has no equivalent.
    public init(_ from: String, refused remark: Remark) {
        self.from = from
        self.to = nil
        self.remark = remark
    }
}

/// What becomes of some words of a text.
public struct WordRule: Sendable {
    /// The word, or what stands before its `=`; a final `*` matches any ending.
    public let name: String
    /// What takes the word's place; nil when nothing does.
    public let replacement: String?
    /// What is said when the word occurs.
    public let remark: Remark

    /// A word that changes.
    public init(_ name: String, _ replacement: String?, _ remark: Remark) {
        self.name = name
        self.replacement = replacement
        self.remark = remark
    }
}
