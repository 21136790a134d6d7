// SPDX-License-Identifier: Apache-2.0

extension TicketPage {
    /// One page that needs nothing else: no script, no picture, no style sheet of its own file.
    package var html: String {
        var page = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title.escapedForHTML)</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <h1>\(title.escapedForHTML)</h1>
            <nav><ul>

            """
        for (number, section) in sections.enumerated() {
            page += "<li><a href=\"#s\(number + 1)\">\(section.title.escapedForHTML)</a></li>\n"
        }
        page += "</ul></nav>\n"
        for (number, section) in sections.enumerated() {
            page += "<section id=\"s\(number + 1)\">\n<h2>\(section.title.escapedForHTML)</h2>\n"
            for block in section.blocks { page += block.html }
            page += "</section>\n"
        }
        return page + "</body>\n</html>\n"
    }

    private static let style = """
        :root { color-scheme: light dark; --line: #8886; --good: #2a7f3f; --notable: #9a6700; --bad: #c0242b; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; border-bottom: 1px solid var(--line); }
        nav ul { columns: 3; padding-left: 1.2rem; }
        table { border-collapse: collapse; width: 100%; margin: .6rem 0; }
        th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
        th { font-weight: 600; white-space: nowrap; }
        td { overflow-wrap: anywhere; min-width: 4rem; }
        code, pre { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
        pre { border: 1px solid var(--line); padding: .6rem; }
        tr.good td:first-child { border-left: 4px solid var(--good); }
        tr.notable td:first-child { border-left: 4px solid var(--notable); }
        tr.bad td:first-child { border-left: 4px solid var(--bad); }
        @media print { nav { display: none; } body { max-width: none; } tr { break-inside: avoid; } }
        """
}

extension TicketPage.Block {
    fileprivate var html: String {
        switch self {
        case .paragraph(let words): "<p>\(words.map(\.html).joined())</p>\n"
        case .lines(let lines): "<pre>\(lines.map(\.escapedForHTML).joined(separator: "\n"))</pre>\n"
        case .table(let head, let rows):
            "<table>\n<thead><tr>\(head.map { "<th scope=\"col\">\($0.escapedForHTML)</th>" }.joined())</tr></thead>\n<tbody>\n"
                + rows.map(\.html).joined() + "</tbody>\n</table>\n"
        }
    }
}

extension TicketPage.Row {
    fileprivate var html: String {
        let kind = mark == .plain ? "" : " class=\"\(mark.rawValue)\""
        return "<tr\(kind)>\(cells.map { "<td>\($0.html)</td>" }.joined())</tr>\n"
    }
}

extension TicketPage.Words {
    fileprivate var html: String {
        switch self {
        case .text(let text): text.escapedForHTML
        case .code(let text): text.isEmpty ? "" : "<code>\(text.escapedForHTML)</code>"
        }
    }
}

extension String {
    /// Neither markup nor a control character of a foreign text survives.
    fileprivate var escapedForHTML: String {
        var escaped = ""
        for scalar in printable.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
