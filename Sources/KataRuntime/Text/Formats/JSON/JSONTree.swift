// SPDX-License-Identifier: Apache-2.0

/// A JSON value on its way out.
enum JSONTree {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONTree])
    case object([(key: String, value: JSONTree)])
    /// JSON already, indented for its place.
    case written([UInt8])

    /// Writes the value; `indentation` is nil for the compact form.
    func write(into out: inout [UInt8], indentation: Int?) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): out.append(contentsOf: text.utf8)
        case .string(let text): Self.write(text, into: &out)
        case .written(let bytes): out += bytes
        case .array(let elements):
            Self.writeList(elements, between: "[]", into: &out, indentation) { element, out, inner in
                element.write(into: &out, indentation: inner)
            }
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            Self.writeList(sorted, between: "{}", into: &out, indentation) { member, out, inner in
                Self.write(member.key, into: &out)
                out.append(contentsOf: (inner == nil ? ":" : ": ").utf8)
                member.value.write(into: &out, indentation: inner)
            }
        }
    }

    private static func writeList<Element>(
        _ list: [Element], between brackets: StaticString, into out: inout [UInt8], _ indentation: Int?,
        _ write: (Element, inout [UInt8], Int?) -> Void
    ) {
        let (open, close) = brackets.withUTF8Buffer { ($0[0], $0[1]) }
        let inner = indentation.map { $0 + 2 }
        out.append(open)
        for (index, element) in list.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            newLine(inner, &out)
            write(element, &out, inner)
        }
        if !list.isEmpty { newLine(indentation, &out) }
        out.append(close)
    }

    private static func newLine(_ indentation: Int?, _ out: inout [UInt8]) {
        guard let indentation else { return }
        out.append(0x0A)
        out.append(contentsOf: repeatElement(0x20, count: indentation))
    }

    private static func write(_ text: String, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): out.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): out.append(contentsOf: "\\\\".utf8)
            case 0x0A: out.append(contentsOf: "\\n".utf8)
            case 0x0D: out.append(contentsOf: "\\r".utf8)
            case 0x09: out.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                out.append(contentsOf: (byte < 16 ? "\\u000\(digits)" : "\\u00\(digits)").utf8)
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}
