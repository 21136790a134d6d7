// SPDX-License-Identifier: Apache-2.0

/// Finds the stretches of text that a change of a value takes.
struct YAMLEditor {
    struct Stretch: Hashable {
        let range: Range<Int>
        let text: String
    }

    private let bytes: [UInt8]
    /// Where the line feeds are.
    private let feeds: [Int]

    init(bytes: [UInt8]) {
        self.bytes = bytes
        feeds = bytes.withUnsafeBufferPointer { buffer in buffer.indices.filter { buffer[$0] == 0x0A } }
    }

    /// Nil for what this editor leaves to people.
    func stretches(_ change: YAMLChange) -> [Stretch]? {
        switch change {
        case .insert(let key, let value, let node): insertion(key, value, into: node).map { [$0] }
        case .remove(let keys, let node): removal(keys, from: node)
        case .replace(let node, let text): replacement(node, text).map { [$0] }
        }
    }

    // MARK: Insertion

    private func insertion(_ key: String, _ value: String, into node: YAMLNode) -> Stretch? {
        guard let members = node.mapping else { return nil }
        if node.style == .flow { return flowInsertion(key, value, into: node, members) }
        if members.isEmpty { return nil }
        let text = "\(YAMLSpelling.scalar(key)): \(YAMLSpelling.scalar(value))"
        let start = node.definition.start.offset
        let line = lineStart(of: start)
        let indentation = String(repeating: " ", count: start - line)
        if !bytes[line..<start].allSatisfy({ $0 == 0x20 }) {
            // Behind a dash: the first key moves to a line of its own.
            return Stretch(range: start..<start, text: text + lineEnd(near: start) + indentation)
        }
        let top = commentsTop(above: line, indentation: start - line, notBefore: 0)
        return Stretch(range: top..<top, text: indentation + text + lineEnd(near: start))
    }

    private func flowInsertion(_ key: String, _ value: String, into node: YAMLNode, _ members: [YAMLMember]) -> Stretch? {
        let isJSON = members.isEmpty ? beginsLikeJSON : members.allSatisfy { $0.key.style == .doubleQuoted }
        let spelling = isJSON ? YAMLSpelling.quoted : YAMLSpelling.scalar
        let text = "\(spelling(key)): \(spelling(value))"
        let open = node.definition.start.offset + 1
        guard let first = members.first?.key.begin.offset else {
            let needsSpace = bytes.indices.contains(open) && bytes[open] == UInt8(ascii: "#")
            return Stretch(range: open..<open, text: text + (needsSpace ? " " : ""))
        }
        let line = lineStart(of: first)
        let lead = bytes[line..<first]
        let isOnOwnLine = line >= open && lead.allSatisfy { $0 == 0x20 || $0 == 0x09 }
        let gap = isOnOwnLine ? lineEnd(near: first) + String(decoding: lead, as: UTF8.self) : " "
        return Stretch(range: first..<first, text: text + "," + gap)
    }

    private var beginsLikeJSON: Bool {
        let first = bytes.first { $0 > 0x20 && $0 < 0x7F }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    // MARK: Removal

    private func removal(_ keys: [String], from node: YAMLNode) -> [Stretch]? {
        guard let members = node.mapping else { return nil }
        let going = members.indices.filter { index in keys.contains { $0 == members[index].key.string } }
        // Of two equal keys, the other would come to count; a merged one stands elsewhere.
        guard going.count == keys.count, let first = going.first, let last = going.last else { return nil }
        if going.count == members.count {
            let range = members[first].key.begin.offset..<end(of: members[last])
            return [Stretch(range: range, text: node.style == .flow ? "" : "{}")]
        }
        if node.style == .flow { return runs(going).map { flowRemoval($0, members) } }
        let found = runs(going).flatMap { run -> [Stretch?] in
            isBehindDash(members[run.lowerBound]) ? [compactRemoval(run, members)] : run.map { blockRemoval($0, members) }
        }
        return found.contains(nil) ? nil : found.compactMap(\.self)
    }

    /// Indices that follow each other.
    private func runs(_ indices: [Int]) -> [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        for index in indices {
            if let last = runs.last, last.upperBound + 1 == index {
                runs[runs.count - 1] = last.lowerBound...index
            } else {
                runs.append(index...index)
            }
        }
        return runs
    }

    private func flowRemoval(_ run: ClosedRange<Int>, _ members: [YAMLMember]) -> Stretch {
        let start = members[run.lowerBound].key.begin.offset
        if run.upperBound + 1 < members.count { return Stretch(range: start..<members[run.upperBound + 1].key.begin.offset, text: "") }
        // Without the comma before it, unless a comment would go too; YAML takes a comma at the end, JSON has no comments.
        let before = end(of: members[run.lowerBound - 1])
        let hasComment = bytes[before..<start].contains(UInt8(ascii: "#"))
        return Stretch(range: (hasComment ? start : before)..<end(of: members[run.upperBound]), text: "")
    }

    private func isBehindDash(_ member: YAMLMember) -> Bool {
        let start = member.key.begin.offset
        return !bytes[lineStart(of: start)..<start].allSatisfy { $0 == 0x20 }
    }

    /// Behind a dash the next key moves up, unless there are comments to move past.
    private func compactRemoval(_ run: ClosedRange<Int>, _ members: [YAMLMember]) -> Stretch? {
        let start = members[run.lowerBound].key.begin.offset
        guard run.upperBound + 1 < members.count, !bytes[lineStart(of: start)..<start].contains(UInt8(ascii: "?")) else { return nil }
        let next = members[run.upperBound + 1].key.begin.offset
        let end = self.end(of: members[run.upperBound])
        let hasComment = bytes[end..<next].contains(UInt8(ascii: "#"))
        return Stretch(range: start..<(hasComment ? endOfLine(end) : next), text: "")
    }

    private func blockRemoval(_ index: Int, _ members: [YAMLMember]) -> Stretch? {
        let start = members[index].key.begin.offset
        let line = lineStart(of: start)
        guard bytes[line..<start].allSatisfy({ $0 == 0x20 }) else { return nil }
        let earlier = index > 0 ? end(of: members[index - 1]) : 0
        let top = commentsTop(above: line, indentation: start - line, notBefore: earlier)
        return Stretch(range: top..<startOfNextLine(end(of: members[index])), text: "")
    }

    /// Behind the value; a block scalar ends with its last line that is not blank, without the line end.
    private func end(of member: YAMLMember) -> Int {
        var end = member.value.range.end.offset
        let isBlockScalar = end > 0 && bytes[end - 1] == 0x0A || member.value.range.end.column == 1
        if isBlockScalar {
            while end > 0, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D || bytes[end - 1] == 0x20 { end -= 1 }
        }
        let key = member.key.range.end.offset
        guard end <= key + 1 || member.value.range.start == member.value.range.end else { return end }
        // No value: behind the colon, if there is one.
        var colon = key
        while colon < bytes.count, bytes[colon] == 0x20 || bytes[colon] == 0x09 { colon += 1 }
        return colon < bytes.count && bytes[colon] == UInt8(ascii: ":") ? max(end, colon + 1) : end
    }

    // MARK: Replacement

    private func replacement(_ node: YAMLNode, _ text: String) -> Stretch? {
        guard node.scalarText != nil, node.tag == nil else { return nil }
        let spelled = node.style == .doubleQuoted ? YAMLSpelling.quoted(text) : YAMLSpelling.scalar(text)
        let start = node.definition.start.offset
        var end = node.definition.end.offset
        switch node.style {
        case .literal, .folded:
            while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D || bytes[end - 1] == 0x20 { end -= 1 }
            return Stretch(range: start..<end, text: spelled)
        case .plain, .singleQuoted, .doubleQuoted, .block, .flow:
            guard start == end else { return Stretch(range: start..<end, text: spelled) }
            // Nothing stands there but perhaps a colon.
            guard start > 0, bytes[start - 1] == UInt8(ascii: ":") || bytes[start - 1] == 0x20 else { return nil }
            return Stretch(range: start..<start, text: (bytes[start - 1] == 0x20 ? "" : " ") + spelled)
        }
    }

    // MARK: Lines

    /// The first line feed at or behind a place; its index in `feeds`.
    private func feed(from offset: Int) -> Int {
        var (low, high) = (0, feeds.count)
        while low < high {
            let middle = (low + high) / 2
            if feeds[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func lineStart(of offset: Int) -> Int {
        let next = feed(from: offset)
        if next > 0 { return feeds[next - 1] + 1 }
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? min(3, offset) : 0
    }

    /// Behind the last character of the line, without its end.
    private func endOfLine(_ offset: Int) -> Int {
        let next = feed(from: offset)
        let end = next < feeds.count ? feeds[next] : bytes.count
        return end > offset && bytes[end - 1] == 0x0D ? end - 1 : end
    }

    private func startOfNextLine(_ offset: Int) -> Int {
        let next = feed(from: offset)
        return next < feeds.count ? feeds[next] + 1 : bytes.count
    }

    /// Where the comment lines begin that stand directly above a line in its indentation, and so are about it.
    private func commentsTop(above line: Int, indentation: Int, notBefore limit: Int) -> Int {
        var top = line
        while top > 0 {
            let above = lineStart(of: top - 1)
            let text = bytes[above..<top]
            let lead = text.prefix { $0 == 0x20 }
            guard above >= limit, above < top, lead.count == indentation, text.dropFirst(indentation).first == UInt8(ascii: "#")
            else { break }
            top = above
        }
        return top
    }

    /// The line end in use: that of the line, or of the one before, or of the first.
    private func lineEnd(near offset: Int) -> String {
        let next = feed(from: offset)
        guard let feed = next < feeds.count ? feeds[next] : feeds.last, feed > 0 else { return "\n" }
        return bytes[feed - 1] == 0x0D ? "\r\n" : "\n"
    }
}
