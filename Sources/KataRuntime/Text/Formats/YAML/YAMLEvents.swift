// SPDX-License-Identifier: Apache-2.0
internal import CYAML

/// What libyaml reads, one event after the other.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(String, YAMLNode.Style)
        case sequenceStart(YAMLNode.Style)
        case sequenceEnd
        case mappingStart(YAMLNode.Style)
        case mappingEnd
    }

    let kind: Kind
    let anchor: String?
    let tag: String?
    /// In characters from where reading began, anchor and tag included.
    let characters: Range<Int>
}

/// Why libyaml cannot go on.
struct YAMLFailure: Error {
    enum Place {
        case character(Int)
        case byte(Int)
    }

    let message: String
    let place: Place
}

/// A parser of libyaml and the bytes that it looks at.
struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// - Parameter bytes: UTF-8 without a byte order mark; they must stay in place as long as the parser lives.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            return nil
        }
        // Given the encoding, libyaml does not guess another.
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event; after `streamEnd` there is none.
    func next() throws(YAMLFailure) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { yaml_event_delete(&event) }
        let end = max(Int(event.start_mark.index), Int(event.end_mark.index))
        let (kind, anchor, tag) = Self.content(event)
        return YAMLEvent(kind: kind, anchor: anchor, tag: tag, characters: Int(event.start_mark.index)..<end)
    }

    private static func content(_ event: yaml_event_t) -> (YAMLEvent.Kind, anchor: String?, tag: String?) {
        switch event.type {
        case YAML_STREAM_START_EVENT: return (.streamStart, nil, nil)
        case YAML_DOCUMENT_START_EVENT: return (.documentStart, nil, nil)
        case YAML_DOCUMENT_END_EVENT: return (.documentEnd, nil, nil)
        case YAML_ALIAS_EVENT: return (.alias(text(event.data.alias.anchor) ?? ""), nil, nil)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return (.scalar(value, style(scalar.style)), text(scalar.anchor), text(scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            let style: YAMLNode.Style = start.style == YAML_FLOW_SEQUENCE_STYLE ? .flow : .block
            return (.sequenceStart(style), text(start.anchor), text(start.tag))
        case YAML_SEQUENCE_END_EVENT: return (.sequenceEnd, nil, nil)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            let style: YAMLNode.Style = start.style == YAML_FLOW_MAPPING_STYLE ? .flow : .block
            return (.mappingStart(style), text(start.anchor), text(start.tag))
        case YAML_MAPPING_END_EVENT: return (.mappingEnd, nil, nil)
        default: return (.streamEnd, nil, nil)
        }
    }

    private static func style(_ style: yaml_scalar_style_t) -> YAMLNode.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private var failure: YAMLFailure {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "out of memory"
        let context = parser.pointee.context.map { String(cString: $0) + ": " } ?? ""
        let place: YAMLFailure.Place =
            parser.pointee.error == YAML_READER_ERROR
            ? .byte(Int(parser.pointee.problem_offset)) : .character(Int(parser.pointee.problem_mark.index))
        return YAMLFailure(message: context + problem, place: place)
    }
}
