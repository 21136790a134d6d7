// SPDX-License-Identifier: Apache-2.0
public import KataText

/// `hypervisor.args` of Clear Containers 2.0 to 2.2: QEMU's command line, one argument a line, the binary first.
public struct HypervisorArguments: Sendable {
    /// One argument.
    public struct Argument: Sendable, Hashable {
        /// Without comment and surrounding blanks; each `@TAG@` stands as written.
        public let text: String
        /// Where it stands.
        public let range: SourceRange
    }

    /// In their order, the binary included; empty for a file that says nothing.
    public let arguments: [Argument]
    /// Lines that hold blanks, or blanks and a comment: each gave QEMU an empty argument, unlike an empty line or a comment at its start.
    public let emptyArguments: [SourceRange]

    /// Reads the file as cc-oci-runtime did: a `#` starts a comment only at the start of a line or behind a blank.
    public init(reading source: SourceText) {
        var arguments: [Argument] = []
        var emptyArguments: [SourceRange] = []
        // The program split a text of C, which a null byte ends.
        let text = source.bytes.prefix { $0 != 0 }
        for line in text.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            var content = line
            let comment = line.indices.dropFirst().first { line[$0] == UInt8(ascii: "#") && line[$0 - 1].isBlank }
            if let comment { content = line[..<comment] }
            content = content.drop { $0.isBlank }
            while content.last?.isBlank == true { content.removeLast() }
            let range = SourceRange(start: source.position(at: content.startIndex), end: source.position(at: content.endIndex))
            if content.isEmpty {
                emptyArguments.append(range)
            } else {
                arguments.append(Argument(text: String(decoding: content, as: UTF8.self), range: range))
            }
        }
        self.arguments = arguments
        self.emptyArguments = emptyArguments
    }

    /// The program; it was searched for in `PATH` unless absolute.
    public var binary: Argument? { arguments.first }

    /// The arguments with each `@NAME@` of `values` replaced; other tags stay, as they did.
    public func substituting(_ values: [String: String]) -> [String] {
        arguments.map { argument in
            let pieces = argument.text.split(separator: "@", omittingEmptySubsequences: false)
            var text = String(pieces[0])
            var index = 1
            while index < pieces.count {
                if index + 1 < pieces.count, let value = values[String(pieces[index])] {
                    text += value + pieces[index + 1]
                    index += 2
                } else {
                    text += "@" + pieces[index]
                    index += 1
                }
            }
            return text
        }
    }
}

// What QEMU took for the size of the machine.
extension HypervisorArguments {
    /// `-m` in MiB, rounded up; nil when it is not given or is no size.
    public var memoryMiB: Int64? { first(of: ["m"], key: "size").flatMap(Self.mebibytes) }

    /// `-smp`; nil when it is not given or is no number.
    public var vcpus: Int64? { first(of: ["smp"], key: "cpus").flatMap { Int64($0) } }

    /// `-machine`, its type alone.
    public var machineType: String? { first(of: ["machine", "M"], key: "type") }

    /// What QEMU calls the implied key: `key=value`, or the first item without a name. The last option that says it wins.
    private func first(of names: [String], key: String) -> String? {
        var found: String?
        for (index, argument) in arguments.enumerated().dropFirst().dropLast() {
            guard argument.text.hasPrefix("-") else { continue }
            let name = argument.text.drop { $0 == "-" }
            guard names.contains(String(name)) else { continue }
            for (place, item) in arguments[index + 1].text.split(separator: ",").enumerated() {
                let pair = item.split(separator: "=", maxSplits: 1)
                if pair.count == 2, pair[0] == key { found = String(pair[1]) }
                if pair.count == 1, place == 0 { found = String(item) }
            }
        }
        return found
    }

    /// QEMU's sizes: a number with a suffix of powers of 1024, MiB without one.
    static func mebibytes(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits) else { return nil }
        let shift: Int
        switch text.dropFirst(digits.count).lowercased() {
        case "", "m": return number
        case "k": return number / 1024 + (number % 1024 == 0 ? 0 : 1)
        case "g": shift = 10
        case "t": shift = 20
        default: return nil
        }
        let (size, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : size
    }
}

extension UInt8 {
    /// What C calls a space within a line.
    fileprivate var isBlank: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
