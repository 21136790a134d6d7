// SPDX-License-Identifier: Apache-2.0

/// A change of one value of a stream.
public enum YAMLChange: Sendable {
    /// A new first member of a mapping, with a string for its value.
    case insert(key: String, value: String, into: YAMLNode)
    /// These members less; where they were all, an empty mapping stays.
    case remove(keys: [String], from: YAMLNode)
    /// Another string in place of a scalar.
    case replace(YAMLNode, with: String)

    /// The value that changes.
    var subject: YAMLNode {
        switch self {
        case .insert(_, _, let node), .remove(_, let node), .replace(let node, _): node
        }
    }
}

extension YAMLStream {
    /// What has to be done to the text; nil when no small change of the text makes exactly these changes of its values, as where a key
    /// stands behind a question mark, or comes from another mapping by `<<`.
    ///
    /// A value that has an anchor changes at the anchor, and with it all its aliases. The result has been read again and compared.
    public func splices(for changes: [YAMLChange]) -> [TextSplice]? {
        let editor = YAMLEditor(bytes: source.bytes)
        var stretches: Set<YAMLEditor.Stretch> = []
        var byPlace: [Int: [YAMLChange]] = [:]
        for change in changes {
            guard let found = editor.stretches(change) else { return nil }
            // The same change through two aliases is one.
            if stretches.isSuperset(of: found) { continue }
            stretches.formUnion(found)
            byPlace[change.subject.definition.start.offset, default: []].append(change)
        }
        let splices = splices(
            of: stretches.sorted { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) })
        guard let bytes = source.bytes.applying(splices) else { return nil }
        let again = YAMLStream.parseJSONOrYAML(SourceText(path: source.path, bytes: bytes))
        let wanted = documents.map { $0.changed(byPlace) }
        guard let found = again.value?.documents, found.count == wanted.count,
            zip(found, wanted).allSatisfy({ $0.hasSameContent(as: $1) })
        else { return nil }
        return splices
    }

    /// Whether each of the changes by itself takes a stretch of the text that the editor knows; the whole may fail all the same.
    public func isEditable(_ changes: [YAMLChange]) -> Bool {
        let editor = YAMLEditor(bytes: source.bytes)
        return changes.allSatisfy { editor.stretches($0) != nil }
    }

    /// One walk over the text finds all places, however long its lines are.
    private func splices(of stretches: [YAMLEditor.Stretch]) -> [TextSplice] {
        var cursor = ByteCursor(source.bytes)
        func position(_ offset: Int) -> SourcePosition {
            while cursor.offset < offset { cursor.advance() }
            return cursor.position
        }
        return stretches.map { stretch in
            let start = position(stretch.range.lowerBound)
            return TextSplice(range: SourceRange(start: start, end: position(stretch.range.upperBound)), replacement: stretch.text)
        }
    }
}

extension [UInt8] {
    /// The bytes after the splices, which are in order; nil when two of them overlap or one reaches behind the end.
    func applying(_ splices: [TextSplice]) -> [UInt8]? {
        var result: [UInt8] = []
        var done = 0
        for splice in splices {
            let stretch = splice.range.offsets
            guard stretch.lowerBound >= done, stretch.upperBound <= count else { return nil }
            result += self[done..<stretch.lowerBound]
            result += Array(splice.replacement.utf8)
            done = stretch.upperBound
        }
        return result + self[done...]
    }
}

extension YAMLNode {
    /// The value after the changes of each definition.
    fileprivate func changed(_ changes: [Int: [YAMLChange]]) -> YAMLNode {
        let own = (changes[definition.start.offset] ?? []).filter { $0.subject.hasContentKind(of: self) }
        switch content {
        case .scalar:
            guard case .replace(_, let text)? = own.last else { return self }
            return YAMLNode(.scalar(.string(text), text: text), style: style, range: range)
        case .sequence(let list):
            return YAMLNode(.sequence(list.map { $0.changed(changes) }), style: style, tag: tag, range: range)
        case .mapping(var list):
            for change in own {
                switch change {
                case .insert(let key, let value, _):
                    let member = YAMLMember(
                        key: YAMLNode(.scalar(.string(key), text: key), style: .doubleQuoted, range: SourceRange(at: range.end)),
                        value: YAMLNode(.scalar(.string(value), text: value), style: .doubleQuoted, range: SourceRange(at: range.end)))
                    list.insert(member, at: 0)
                case .remove(let keys, _): list.removeAll { member in keys.contains { $0 == member.key.string } }
                case .replace: continue
                }
            }
            list = list.map { YAMLMember(key: $0.key.changed(changes), value: $0.value.changed(changes)) }
            return YAMLNode(.mapping(list), style: style, tag: tag, range: range)
        }
    }

    /// A block mapping begins where its first key does.
    private func hasContentKind(of other: YAMLNode) -> Bool {
        switch (content, other.content) {
        case (.scalar, .scalar), (.mapping, .mapping), (.sequence, .sequence): definition.end == other.definition.end
        default: false
        }
    }
}
