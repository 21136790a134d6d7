// SPDX-License-Identifier: Apache-2.0

/// Lines for people, indented by what they belong to.
struct ReportText {
    private(set) var text = ""

    mutating func heading(_ line: String) {
        if !text.isEmpty { text += "\n" }
        text += line.printable + "\n"
    }

    mutating func line(_ line: String, depth: Int = 1) {
        text += String(repeating: "  ", count: depth) + line.printable + "\n"
    }

    /// Columns as wide as their widest cell; the last one is not padded.
    mutating func table(_ rows: [[String]], depth: Int = 1) {
        let rows = rows.map { $0.map(\.printable) }
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            text += String(repeating: "  ", count: depth) + line + "\n"
        }
    }

    /// Already rendered text, such as diagnostics.
    mutating func verbatim(_ block: String) { text += block }
}

extension String {
    /// Control characters spelled out: names and arguments come from files that a stranger may have written, and go to a terminal.
    package var printable: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.isControl {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    /// The first twelve digits of an id of 64, as docker shows it; other names whole.
    var abbreviated: String { count == 64 && allSatisfy(\.isHexDigit) ? String(prefix(12)) : self }
}

extension Unicode.Scalar {
    /// Controls, and what can reverse or break a line.
    fileprivate var isControl: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
