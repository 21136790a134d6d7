// SPDX-License-Identifier: Apache-2.0

/// Makes located values of libyaml's events.
struct YAMLReader {
    private let source: SourceText
    private let start: Int
    private let marks: YAMLMarks
    private var diagnostics: [Diagnostic] = []
    private var documents: [YAMLNode] = []
    private var anchors: [String: YAMLNode?] = [:]
    private var count = 0

    init(_ source: SourceText) {
        self.source = source
        start = source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        // What is refused needs no marks.
        marks = YAMLMarks(source.bytes.count > YAMLLimits.bytes ? [] : source.bytes, from: start)
    }

    mutating func read() -> Parsed<YAMLStream> {
        do throws(SyntaxProblem) {
            try checkText()
            try readDocuments()
        } catch {
            report(error.code, .error, error.message, error.range)
        }
        return Parsed(value: YAMLStream(source: source, documents: documents), diagnostics: diagnostics)
    }

    private func checkText() throws(SyntaxProblem) {
        let top = SourceRange(at: .start)
        if source.bytes.count > YAMLLimits.bytes {
            throw SyntaxProblem(code: .yamlTooLarge, message: "the text has more than \(YAMLLimits.bytes >> 20) MiB", range: top)
        }
        if source.bytes.starts(with: [0xFF, 0xFE]) || source.bytes.starts(with: [0xFE, 0xFF]) {
            throw SyntaxProblem(code: .yamlNotUTF8, message: "the text is UTF-16, Kubernetes reads UTF-8", range: top)
        }
        if let offset = firstInvalidUTF8(in: source.bytes) {
            throw SyntaxProblem(
                code: .yamlNotUTF8, message: "invalid UTF-8 in YAML text", range: SourceRange(at: source.position(at: offset)))
        }
        var directives = 0
        for line in 1...source.lineCount where source.starts(line: line, with: "%TAG") {
            directives += 1
            guard directives > YAMLLimits.directives else { continue }
            let place = SourceRange(at: SourcePosition(line: line, column: 1, offset: source.offset(ofLine: line)))
            throw SyntaxProblem(code: .yamlTooLarge, message: "more than \(YAMLLimits.directives) %TAG directives", range: place)
        }
    }

    private mutating func readDocuments() throws(SyntaxProblem) {
        // A buffer of its own: the closure that lends out an array's bytes cannot throw typed errors in a mutating function.
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, source.bytes.count - start))
        defer { bytes.deallocate() }
        let end = bytes.update(fromContentsOf: source.bytes[start...])
        guard let events = YAMLEvents(UnsafeBufferPointer(rebasing: bytes[..<end])) else {
            throw SyntaxProblem(code: .yamlSyntax, message: "out of memory", range: SourceRange(at: .start))
        }
        while true {
            let event = try next(events)
            switch event.kind {
            case .streamEnd: return
            case .documentStart:
                anchors = [:]
                documents.append(try node(try next(events), events, depth: 0))
            case .streamStart, .documentEnd, .alias, .scalar, .sequenceStart, .sequenceEnd, .mappingStart, .mappingEnd: continue
            }
        }
    }

    private func next(_ events: borrowing YAMLEvents) throws(SyntaxProblem) -> YAMLEvent {
        do throws(YAMLFailure) {
            return try events.next()
        } catch {
            let place: SourcePosition =
                switch error.place {
                case .character(let index): marks.position(index)
                case .byte(let offset): source.position(at: start + offset)
                }
            throw SyntaxProblem(code: .yamlSyntax, message: error.message, range: SourceRange(at: place))
        }
    }

    private mutating func node(_ event: YAMLEvent, _ events: borrowing YAMLEvents, depth: Int) throws(SyntaxProblem) -> YAMLNode {
        let whole = SourceRange(start: marks.position(event.characters.lowerBound), end: marks.position(event.characters.upperBound))
        count += 1
        guard count <= YAMLLimits.nodes else {
            throw SyntaxProblem(code: .yamlTooLarge, message: "more than \(YAMLLimits.nodes) values", range: whole)
        }
        guard depth < ReadingLimits.depth else { throw tooDeep(whole) }
        if case .alias(let name) = event.kind { return try alias(name, whole, depth: depth) }
        // While it is being read, an anchored value cannot be called.
        if let anchor = event.anchor { anchors[anchor] = .some(nil) }
        let node = try value(event, whole, events, depth: depth)
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private func alias(_ name: String, _ range: SourceRange, depth: Int) throws(SyntaxProblem) -> YAMLNode {
        guard let known = anchors[name] else {
            let hint = suggestion(for: name, in: anchors.keys.sorted())
            throw SyntaxProblem(code: .yamlAlias, message: "no anchor '\(name.clipped)' stands before this alias\(hint)", range: range)
        }
        guard let target = known else {
            throw SyntaxProblem(code: .yamlAlias, message: "the value of anchor '\(name.clipped)' contains itself", range: range)
        }
        guard depth + target.height <= ReadingLimits.depth else { throw tooDeep(range) }
        return target.aliased(name, at: range)
    }

    private mutating func value(
        _ event: YAMLEvent, _ whole: SourceRange, _ events: borrowing YAMLEvents, depth: Int
    ) throws(SyntaxProblem) -> YAMLNode {
        let properties = (event.anchor == nil ? 0 : 1) + (event.tag == nil ? 0 : 1)
        let begin = properties == 0 ? whole.start : contentStart(event, properties: properties)
        switch event.kind {
        case .scalar(let text, let style):
            let value = YAMLScalar.resolved(text, tag: event.tag, isPlain: style == .plain)
            let range = SourceRange(start: min(begin, whole.end), end: whole.end)
            return YAMLNode(
                .scalar(value, text: text), style: style, tag: event.tag, anchor: event.anchor, begin: whole.start, range: range)
        case .sequenceStart(let style):
            let (list, end) = try elements(events, depth: depth)
            let range = SourceRange(start: begin, end: style == .flow ? end : list.last?.range.end ?? whole.end)
            return try checked(
                YAMLNode(.sequence(list), style: style, tag: event.tag, anchor: event.anchor, begin: whole.start, range: range))
        case .mappingStart(let style):
            let (list, end) = try members(events, depth: depth)
            let range = SourceRange(start: begin, end: style == .flow ? end : list.last?.value.range.end ?? whole.end)
            return try checked(
                YAMLNode(.mapping(list), style: style, tag: event.tag, anchor: event.anchor, begin: whole.start, range: range))
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .alias, .sequenceEnd, .mappingEnd:
            preconditionFailure("libyaml closes what it has opened, and aliases are resolved before")
        }
    }

    private mutating func elements(
        _ events: borrowing YAMLEvents, depth: Int
    ) throws(SyntaxProblem) -> (list: [YAMLNode], end: SourcePosition) {
        var list: [YAMLNode] = []
        while true {
            let event = try next(events)
            if case .sequenceEnd = event.kind { return (list, marks.position(event.characters.upperBound)) }
            list.append(try node(event, events, depth: depth + 1))
        }
    }

    private mutating func members(
        _ events: borrowing YAMLEvents, depth: Int
    ) throws(SyntaxProblem) -> (list: [YAMLMember], end: SourcePosition) {
        var list: [YAMLMember] = []
        var seen: [ExactName: SourcePosition] = [:]
        while true {
            let event = try next(events)
            if case .mappingEnd = event.kind { return (list, marks.position(event.characters.upperBound)) }
            let key = try node(event, events, depth: depth + 1)
            let member = YAMLMember(key: key, value: try node(try next(events), events, depth: depth + 1))
            if let text = key.scalarText, !member.isMerge,
                let earlier = seen.updateValue(key.range.start, forKey: ExactName(text))
            {
                let message = "key '\(text.clipped)' occurs twice in one mapping, the last one counts (first at line \(earlier.line))"
                report(.yamlDuplicateKey, .warning, message, key.range)
            }
            list.append(member)
        }
    }

    private func checked(_ node: YAMLNode) throws(SyntaxProblem) -> YAMLNode {
        guard node.weight <= YAMLLimits.expandedNodes else {
            let message = "aliases written out, this is more than \(YAMLLimits.expandedNodes) values"
            throw SyntaxProblem(code: .yamlExpansion, message: message, range: SourceRange(at: node.range.start))
        }
        return node
    }

    /// Behind `properties` of tag and anchor, which an event's mark includes.
    private func contentStart(_ event: YAMLEvent, properties: Int) -> SourcePosition {
        let bytes = source.bytes
        var offset = marks.position(event.characters.lowerBound).offset
        var index = event.characters.lowerBound
        func advance() {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            index += 1
        }
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        for _ in 0..<properties where offset < bytes.count {
            // A tag may be written out in angle brackets and hold commas; flow indicators end an anchor.
            let isTag = bytes[offset] == UInt8(ascii: "!")
            while offset < bytes.count, !isSpace(bytes[offset]), isTag || !",]}".utf8.contains(bytes[offset]) { advance() }
            while offset < bytes.count, isSpace(bytes[offset]) || bytes[offset] == UInt8(ascii: "#") && isSpace(bytes[offset - 1]) {
                if bytes[offset] == UInt8(ascii: "#") {
                    while offset < bytes.count, bytes[offset] != 0x0A { advance() }
                } else {
                    advance()
                }
            }
        }
        return marks.position(index)
    }

    private func tooDeep(_ range: SourceRange) -> SyntaxProblem {
        SyntaxProblem(code: .yamlTooDeep, message: "more than \(ReadingLimits.depth) values inside each other", range: range)
    }

    private mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange) {
        // The error that ends the reading is always kept.
        guard diagnostics.count < ReadingLimits.diagnostics || severity == .error else { return }
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }
}
