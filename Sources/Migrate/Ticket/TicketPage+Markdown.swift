// SPDX-License-Identifier: Apache-2.0

extension TicketPage {
    /// For trackers that take GitHub's dialect.
    package var markdown: String {
        var page = "# \(title.escapedForMarkdown)\n"
        for section in sections {
            page += "\n## \(section.title.escapedForMarkdown)\n"
            for block in section.blocks { page += "\n" + block.markdown }
        }
        return page
    }
}

extension TicketPage.Block {
    fileprivate var markdown: String {
        switch self {
        case .paragraph(let words): return words.map(\.markdown).joined() + "\n"
        case .lines(let lines):
            let shown = lines.map(\.printable)
            let fence = String(repeating: "`", count: max(3, (shown.map(\.longestRunOfBackticks).max() ?? 0) + 1))
            return fence + "\n" + shown.map { $0 + "\n" }.joined() + fence + "\n"
        case .table(let head, let rows):
            let line = "|" + String(repeating: "---|", count: head.count)
            return Self.row(head.map(\.escapedForMarkdown)) + line + "\n" + rows.map { Self.row($0.cells.map(\.markdownCell)) }.joined()
        }
    }

    private static func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
}

extension TicketPage.Words {
    fileprivate var markdown: String {
        switch self {
        case .text(let text): text.escapedForMarkdown
        case .code(let text): text.isEmpty ? "" : text.printable.asCode
        }
    }

    /// In a table a bar ends the cell even within code.
    fileprivate var markdownCell: String {
        switch self {
        case .text: markdown
        case .code: markdown.replacing("|", by: "\\|")
        }
    }
}

extension String {
    fileprivate var longestRunOfBackticks: Int {
        var (longest, current) = (0, 0)
        for byte in utf8 {
            current = byte == UInt8(ascii: "`") ? current + 1 : 0
            longest = max(longest, current)
        }
        return longest
    }

    /// Between more backticks than it has itself (CommonMark 0.31, 6.1).
    fileprivate var asCode: String {
        let fence = String(repeating: "`", count: longestRunOfBackticks + 1)
        let needsSpace = hasPrefix("`") || hasSuffix("`")
        return needsSpace ? "\(fence) \(self) \(fence)" : fence + self + fence
    }

    /// Every mark that could begin markup, a link, or a list says itself.
    fileprivate var escapedForMarkdown: String {
        let scalars = Array(printable.unicodeScalars.drop { $0 == " " })
        var escaped = ""
        for (index, scalar) in scalars.enumerated() {
            let endsWord = index + 1 == scalars.count || scalars[index + 1] == " "
            switch scalar {
            case "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "#", "|", "~", "!", "&", "@", "$": escaped += "\\"
            case "-", "+", "=": if escaped.isEmpty { escaped += "\\" }
            // An address is a link even without brackets.
            case ":": if ["http", "https", "ftp", "mailto", "xmpp"].contains(where: escaped.lowercased().hasSuffix) { escaped += "\\" }
            // A number before a period or a parenthesis begins a list.
            case ".", ")":
                if endsWord && escaped.isNumber || scalar == "." && escaped.lowercased().hasSuffix("www") { escaped += "\\" }
            default: break
            }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }

    private var isNumber: Bool { !isEmpty && utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }

    /// By scalars: a bar with an accent is another character, and still ends the cell.
    fileprivate func replacing(_ scalar: Unicode.Scalar, by text: String) -> String {
        unicodeScalars.reduce(into: "") { result, next in
            if next == scalar { result += text } else { result.unicodeScalars.append(next) }
        }
    }
}
