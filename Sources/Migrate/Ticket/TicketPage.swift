// SPDX-License-Identifier: Apache-2.0

/// What a change ticket says of a migration, as a value that HTML and Markdown are made of; a journal keeps it, because after the migration
/// the host no longer shows what it was.
package struct TicketPage: Sendable, Hashable, Codable {
    let title: String
    var sections: [Section]

    struct Section: Sendable, Hashable, Codable {
        let title: String
        var blocks: [Block]

        init(_ title: String, _ blocks: [Block]) {
            self.title = title
            self.blocks = blocks
        }
    }

    enum Block: Sendable, Hashable, Codable {
        case paragraph([Words])
        case table(head: [String], rows: [Row])
        /// Lines as they are.
        case lines([String])
    }

    struct Row: Sendable, Hashable, Codable {
        let mark: Mark
        let cells: [Words]

        init(_ cells: [Words], _ mark: Mark = .plain) {
            self.cells = cells
            self.mark = mark
        }
    }

    /// How much a row asks for attention.
    enum Mark: String, Sendable, Codable { case plain, good, notable, bad }

    /// A piece of a line.
    enum Words: Sendable, Hashable, Codable, ExpressibleByStringInterpolation {
        case text(String)
        /// A name, path, command or value of the host.
        case code(String)

        init(stringLiteral value: String) { self = .text(value) }

        static let none = Words.text("")
    }
}

extension TicketPage.Section {
    /// Left out altogether when there are no rows.
    init?(_ title: String, about: [TicketPage.Words] = [], head: [String], _ rows: [TicketPage.Row]) {
        guard !rows.isEmpty else { return nil }
        self.init(title, (about.isEmpty ? [] : [.paragraph(about)]) + [.table(head: head, rows: rows)])
    }
}
