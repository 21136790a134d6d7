// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Bytes as runc's flags take them: a number, with a fraction if need be, before k, m, g, t or p (powers of 1024) that may be followed
/// by b or ib; -1 alone stands for no limit.
struct ByteAmount: ExpressibleByArgument, Equatable {
    let bytes: Int64

    init(bytes: Int64) { self.bytes = bytes }

    init?(argument: String) {
        if argument == "-1" {
            bytes = -1
            return
        }
        let number = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = argument.dropFirst(number.count)
        if unit.first == " " { unit = unit.dropFirst() }
        guard !number.isEmpty, let shift = Self.shift(unit.lowercased()) else { return nil }
        if let whole = Int64(number) {
            let (product, isTooLarge) = whole.multipliedReportingOverflow(by: 1 << shift)
            guard !isTooLarge else { return nil }
            bytes = product
        } else {
            guard let fraction = Double(number), let product = Int64(exactly: (fraction * Double(1 << shift)).rounded(.down)) else {
                return nil
            }
            bytes = product
        }
    }

    private static func shift(_ unit: String) -> Int64? {
        if unit.isEmpty || unit == "b" { return 0 }
        guard let power = "kmgtp".firstIndex(of: unit.first ?? " "), ["", "b", "ib"].contains(unit.dropFirst()) else { return nil }
        return 10 * Int64("kmgtp".distance(from: "kmgtp".startIndex, to: power) + 1)
    }
}
