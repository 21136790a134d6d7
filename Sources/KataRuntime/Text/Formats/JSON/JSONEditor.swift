// SPDX-License-Identifier: Apache-2.0

/// Collects changes of one JSON document: first what is to be done in which object, then the bytes.
struct JSONEditor {
    let document: JSONDocument
    private var replacements: [TextEdit] = []
    /// By object: members that go, and such that come.
    private var objects: [(object: JSONValue, gone: [SourceRange], new: [JSONEmission.Member])] = []

    init(_ document: JSONDocument) { self.document = document }

    private var source: SourceText { document.source }

    /// Changes must not contradict each other.
    mutating func make(_ change: JSONChange) throws(DocumentEditError) {
        var object = document.root
        var depth = 0
        while true {
            guard let members = object.object else { throw .notATable(path: Array(change.path.prefix(depth))) }
            let found = members.filter { sameScalars($0.key, change.path[depth]) }
            let isLast = depth == change.path.count - 1
            switch change {
            case .remove where isLast:
                guard !found.isEmpty else { return }
                objects[index(of: object)].gone += found.map(\.keyRange)
                return
            case .set(_, let value) where isLast && !found.isEmpty:
                let (old, key) = (found[found.count - 1].value, found[found.count - 1].keyRange)
                guard !old.hasSameContent(as: value) else { return }
                replacements.append(
                    edit(old.range, spelled(value, below: isOnLines(object) ? source.indentation(ofLineAt: key.start.offset) : nil)))
                return
            case .set(let path, let value) where found.isEmpty:
                return add(value, at: path, depth, to: object)
            case .remove where found.isEmpty: return
            default:
                object = found[found.count - 1].value
                depth += 1
            }
        }
    }

    private mutating func add(_ value: JSONEmission, at path: [String], _ depth: Int, to object: JSONValue) {
        let place = index(of: object)
        let wrapped = path[(depth + 1)...].reversed().reduce(value) { .object([.init($1, $0)]) }
        // Changes that make the same object share it.
        if let known = objects[place].new.firstIndex(where: { sameScalars($0.key, path[depth]) }) {
            objects[place].new[known] = .init(path[depth], objects[place].new[known].value.merging(wrapped))
        } else {
            objects[place].new.append(.init(path[depth], wrapped))
        }
    }

    private mutating func index(of object: JSONValue) -> Int {
        if let known = objects.firstIndex(where: { $0.object.range == object.range }) { return known }
        objects.append((object, [], []))
        return objects.count - 1
    }

    /// All of it, as edits that do not overlap.
    var edits: [TextEdit] {
        replacements + objects.flatMap { insertion(of: $0.new, in: $0.object, without: $0.gone) + removals($0.gone, in: $0.object) }
    }

    private func edit(_ range: SourceRange, _ text: String) -> TextEdit {
        TextEdit(file: source.path, range: range, replacement: text)
    }

    private func removals(_ gone: [SourceRange], in object: JSONValue) -> [TextEdit] {
        let members = object.object ?? []
        var result: [TextEdit] = []
        var index = 0
        while index < members.count {
            let first = index
            while index < members.count, gone.contains(members[index].keyRange) { index += 1 }
            guard index > first else {
                index += 1
                continue
            }
            let start = first > 0 ? members[first - 1].value.range.end : members[0].keyRange.start
            let end = first == 0 && index < members.count ? members[index].keyRange.start : members[index - 1].value.range.end
            result.append(edit(SourceRange(start: start, end: end), ""))
        }
        return result
    }

    private func insertion(of new: [JSONEmission.Member], in object: JSONValue, without gone: [SourceRange]) -> [TextEdit] {
        guard !new.isEmpty else { return [] }
        let members = object.object ?? []
        let indentation = isOnLines(object) ? indentation(of: object) : nil
        let texts = new.map { member in
            JSONEmission.string(member.key).spelled(lineBreak: nil) + colon(like: members.last)
                + spelled(member.value, below: indentation)
        }
        let lead = indentation.map { source.lineBreak + $0 } ?? " "
        if let anchor = members.last(where: { !gone.contains($0.keyRange) }) {
            let end = anchor.value.range.end
            return [edit(SourceRange(at: end), texts.map { "," + lead + $0 }.joined())]
        }
        if let first = members.first {
            return [edit(SourceRange(at: first.keyRange.start), texts.joined(separator: "," + lead))]
        }
        let close = indentation == nil ? " " : source.lineBreak + source.indentation(ofLineAt: object.range.start.offset)
        return [edit(object.range, "{" + lead + texts.joined(separator: "," + lead) + close + "}")]
    }

    /// - Parameter indentation: of the line it stands on; nil for a value on one line.
    private func spelled(_ value: JSONEmission, below indentation: String?) -> String {
        value.spelled(lineBreak: indentation.map { source.lineBreak + $0 }, step: step)
    }

    /// Whether the members of an object stand on lines of their own; of one without members the document decides.
    private func isOnLines(_ object: JSONValue) -> Bool {
        guard let first = object.object?.first else { return document.root.object?.isEmpty ?? true || isOnLines(document.root) }
        return first.keyRange.start.line > object.range.start.line
    }

    private func indentation(of object: JSONValue) -> String {
        if let last = object.object?.last { return source.indentation(ofLineAt: last.keyRange.start.offset) }
        return source.indentation(ofLineAt: object.range.start.offset) + step
    }

    /// What one level is indented by: as the first member of the document is.
    private var step: String {
        guard let first = document.root.object?.first, isOnLines(document.root) else { return "    " }
        let found = source.indentation(ofLineAt: first.keyRange.start.offset)
        return found.isEmpty ? "    " : found
    }

    /// What stands between key and value: as in the member before.
    private func colon(like member: JSONMember?) -> String {
        guard let member else { return ": " }
        let between = source.text(of: SourceRange(start: member.keyRange.end, end: member.value.range.start))
        return between.contains { $0.isNewline } ? ": " : between
    }
}

extension JSONEmission {
    /// The text; on one line without a line break, else with members and elements behind `lineBreak`, which holds the indentation.
    func spelled(lineBreak: String?, step: String = "") -> String {
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .string(let text):
            var bytes: [UInt8] = []
            JSONTree.string(text).write(into: &bytes, indentation: nil)
            return String(decoding: bytes, as: UTF8.self)
        case .array(let elements):
            return Self.list(elements.map { $0.spelled(lineBreak: nil) }, "[", "]", nil, step)
        case .object(let members):
            let inner = lineBreak.map { $0 + step }
            let texts = members.map {
                "\(JSONEmission.string($0.key).spelled(lineBreak: nil)): \($0.value.spelled(lineBreak: inner, step: step))"
            }
            return Self.list(texts, "{", "}", lineBreak, step)
        }
    }

    private static func list(_ texts: [String], _ open: String, _ close: String, _ lineBreak: String?, _ step: String) -> String {
        guard !texts.isEmpty else { return open + close }
        guard let lineBreak else {
            let blank = open == "{" ? " " : ""
            return open + blank + texts.joined(separator: ", ") + blank + close
        }
        return open + texts.map { lineBreak + step + $0 }.joined(separator: ",") + lineBreak + close
    }

    /// Both objects' members; anything else is replaced.
    fileprivate func merging(_ other: JSONEmission) -> JSONEmission {
        guard case .object(var members) = self, case .object(let more) = other else { return other }
        for member in more {
            if let known = members.firstIndex(where: { sameScalars($0.key, member.key) }) {
                members[known] = .init(member.key, members[known].value.merging(member.value))
            } else {
                members.append(member)
            }
        }
        return .object(members)
    }
}
