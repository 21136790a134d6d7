// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text of a report with colours for a terminal (ECMA-48, SGR); what a line is shows in how it begins.
    package var painted: String {
        var previous: Substring = ""
        var lines: [String] = []
        for line in split(separator: "\n", omittingEmptySubsequences: false) {
            lines.append(line.painted(after: previous))
            previous = line
        }
        return lines.joined(separator: "\n")
    }
}

private enum Paint: String {
    case bold = "1"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"

    func callAsFunction(_ text: some StringProtocol) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }

    /// Of the words by which a line says how bad it is.
    static let verdicts: [(word: String, paint: Paint)] = [
        ("error", .red), ("warning", .yellow), ("note", .cyan), ("failed", .red), ("passed", .green), ("not tried", .yellow),
        ("not done", .yellow), ("hazard", .yellow),
    ]
}

extension Substring {
    fileprivate func painted(after previous: Substring) -> String {
        let words = drop { $0 == " " }
        if words.hasPrefix("+") { return Paint.green(self) }
        // Options begin with two dashes, and the head of a difference with three.
        if words.hasPrefix("-"), !words.hasPrefix("--") || words.hasPrefix("---") { return Paint.red(self) }
        if words == "hazard: none" { return String(self) }
        for (word, paint) in Paint.verdicts {
            if words.hasPrefix(word + ": ") { return prefix(count - words.count) + paint(word) + words.dropFirst(word.count) }
            guard let range = firstRange(of: ": \(word): ") else { continue }
            return self[..<range.lowerBound] + ": " + paint(word) + self[index(range.upperBound, offsetBy: -2)...]
        }
        return previous.isEmpty && !isEmpty && !hasPrefix(" ") ? Paint.bold(self) : String(self)
    }
}
