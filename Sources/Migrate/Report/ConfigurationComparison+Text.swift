// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataConfig

extension ConfigurationComparison {
    /// Two columns behind a sign: `=` for what is the same, `!` for what is not, `-` and `+` for what one side alone has.
    ///
    /// - Parameters:
    ///   - width: of the terminal, in characters.
    ///   - isWhole: false to leave out what is the same.
    package func text(width: Int, isWhole: Bool) -> String {
        var columns = Columns(width: width)
        columns.line(" ", old.title, new.title)
        columns.heading("settings")
        for row in rows where isWhole || !row.isSame { columns.line(row.sign, row.old?.spelled ?? "", row.new?.spelled ?? "") }
        columns.heading("QEMU")
        if let machine {
            for pair in machine where isWhole || !pair.isSame { columns.line(pair.sign, pair.old ?? "", pair.new ?? "") }
        } else {
            for reason in [old.machineUnknown, new.machineUnknown].compactMap(\.self) { columns.note(reason) }
        }
        let differing = rows.count { !$0.isSame }
        columns.heading("\(rows.count) settings, \(differing) not the same")
        return columns.text
    }

    /// For programs.
    package var json: String {
        ReportValue.object([
            "kind": .string("diff"), "version": .integer(1),
            "old": Self.side(old), "new": Self.side(new),
            "settings": .list(rows) { row in
                .object(["same": .bool(row.isSame), "old": Self.setting(row.old), "new": Self.setting(row.new)])
            },
            "machine": .list(machine) { pair in
                .object(["same": .bool(pair.isSame), "old": .text(pair.old), "new": .text(pair.new)])
            },
        ]).rendered
    }

    private static func side(_ side: ConfigurationSide) -> ReportValue {
        .object([
            "title": .string(side.title), "machine": .list(side.machine, ReportValue.string), "machineUnknown": .text(side.machineUnknown),
        ])
    }

    private static func setting(_ setting: ConfigurationSide.Setting?) -> ReportValue {
        guard let setting else { return .null }
        return .object([
            "key": .string(setting.name), "target": .text(setting.target?.description), "value": .string(setting.value.tomlText),
            "place": .text(setting.place),
        ])
    }
}

extension ConfigurationSide.Setting {
    fileprivate var spelled: String { "\(name) = \(value.tomlText)" + (place.map { "  # \($0)" } ?? "  # default") }
}

extension ConfigurationComparison.Row {
    fileprivate var sign: String { isSame ? "=" : old == nil ? "+" : new == nil ? "-" : "!" }
}

extension AlignedOptions.Pair {
    fileprivate var sign: String { isSame ? "=" : old == nil ? "+" : new == nil ? "-" : "!" }
}

/// Two columns of equal width, each wrapped for itself.
struct Columns {
    private(set) var text = ""
    private let width: Int

    /// - Parameter width: of both with the sign; nothing useful fits into less than 40.
    init(width: Int) { self.width = (max(width, 40) - 5) / 2 }

    mutating func heading(_ line: String) { text += "\n\(line.printable)\n" }

    mutating func note(_ line: String) { text += "  \(line.printable)\n" }

    mutating func line(_ sign: String, _ left: String, _ right: String) {
        let (left, right) = (wrapped(left.printable), wrapped(right.printable))
        for index in 0..<max(left.count, right.count, 1) {
            let cell = index < left.count ? left[index] : ""
            var line = "\(index == 0 ? sign : " ") \(cell)\(String(repeating: " ", count: width - cell.count)) | "
            line += index < right.count ? right[index] : ""
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
    }

    /// Broken behind spaces and commas where there are any, and anywhere else where there are none.
    private func wrapped(_ cell: String) -> [String] {
        var lines: [String] = []
        var rest = Array(cell)[...]
        while rest.count > width {
            let head = rest.prefix(width)
            let end = head.lastIndex { $0 == " " || $0 == "," }.map { $0 + 1 } ?? head.endIndex
            lines.append(String(rest[..<end]))
            rest = rest[end...]
            while rest.first == " " { rest = rest.dropFirst() }
        }
        return lines + (rest.isEmpty ? [] : [String(rest)])
    }
}
