// SPDX-License-Identifier: Apache-2.0

/// The TOML type of a key and what is allowed of it.
///
/// As in Kata an empty string always means "as if the key were absent", so it is allowed for each string type.
public enum ConfigType: Sendable, Hashable {
    case boolean
    case string
    /// A string that names a file by an absolute path.
    case path
    /// A string out of a list.
    case choice([String])
    case integer(ClosedRange<Int64>, unit: String? = nil)
    /// An integer or a float.
    case number(ClosedRange<Double>, unit: String? = nil)
    case strings
    /// An array of tables with string values under these names.
    case tables([String])

    static let unsigned32 = ConfigType.integer(0...Int64(UInt32.max))
    static let unsigned64 = ConfigType.integer(0...Int64.max)
    static let signed64 = ConfigType.integer(Int64.min...Int64.max)
    static let seconds = ConfigType.integer(0...Int64(UInt32.max), unit: "s")
    static let mebibytes = ConfigType.integer(0...Int64(UInt32.max), unit: "MiB")

    /// The name of the TOML type, as messages say it.
    public var typeName: String {
        switch self {
        case .boolean: "boolean"
        case .string, .path, .choice: "string"
        case .integer: "integer"
        case .number: "number"
        case .strings: "array of strings"
        case .tables: "array of tables"
        }
    }

    /// What is allowed beyond the type; nil when everything of the type is.
    public var constraint: String? {
        switch self {
        case .boolean, .string, .strings: nil
        case .path: "an absolute path"
        case .choice(let values): "one of " + values.map { "\"\($0)\"" }.joined(separator: ", ")
        case .integer(let range, let unit): Self.bounds(range, unit)
        case .number(let range, let unit):
            Self.bounds(Int64(range.lowerBound)...Int64(range.upperBound), unit)
        case .tables(let names): "tables with the keys " + names.joined(separator: ", ")
        }
    }

    private static func bounds(_ range: ClosedRange<Int64>, _ unit: String?) -> String {
        let suffix = unit.map { " \($0)" } ?? ""
        return "\(range.lowerBound) to \(range.upperBound)\(suffix)"
    }
}

/// A value of one of the types that the known keys have.
public enum ConfigValue: Sendable, Hashable {
    case boolean(Bool)
    case string(String)
    case integer(Int64)
    case number(Double)
    case strings([String])
    /// Each with its pairs in the order of the file.
    case tables([[Pair]])

    /// One `name = "text"`.
    public struct Pair: Sendable, Hashable {
        public let name: String
        public let text: String

        /// One pair.
        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// False, 0, "" or []: what asks for nothing.
    public var isNeutral: Bool {
        switch self {
        case .boolean(let value): !value
        case .string(let text): text.isEmpty
        case .integer(let value): value == 0
        case .number(let value): value == 0
        case .strings(let list): list.isEmpty
        case .tables(let list): list.isEmpty
        }
    }
}
