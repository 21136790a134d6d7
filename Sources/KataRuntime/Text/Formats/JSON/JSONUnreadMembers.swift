// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What decoding asked each object for; the members that nobody asked for have no effect.
final class JSONReadingTrace: Sendable {
    /// By the offset at which the object starts.
    private let asked = Mutex<[Int: Set<ExactName>]>([:])

    func open(_ object: JSONValue) { asked.withLock { if $0[object.range.start.offset] == nil { $0[object.range.start.offset] = [] } } }

    func ask(_ object: JSONValue, for name: String) {
        asked.withLock { _ = $0[object.range.start.offset, default: []].insert(ExactName(name)) }
    }

    /// The members below a value that were not asked for. What is below them, or in objects that were not decoded, is left out.
    func unread(in value: JSONValue, below path: String = "") -> [JSONUnreadMember] {
        if let array = value.array {
            return array.enumerated().flatMap { unread(in: $1, below: "\(path)[\($0)]") }
        }
        guard let object = value.object, let names = asked.withLock({ $0[value.range.start.offset] }) else { return [] }
        return object.flatMap { member -> [JSONUnreadMember] in
            let name = path.isEmpty ? member.key : "\(path).\(member.key)"
            if names.contains(ExactName(member.key)) { return unread(in: member.value, below: name) }
            let others = names.map(\.text).filter { other in !object.contains { sameScalars($0.key, other) } }.sorted()
            return [JSONUnreadMember(keyPath: name, range: member.keyRange, nearest: nearestName(to: member.key, in: others))]
        }
    }
}

/// A member of a document that its type does not have.
public struct JSONUnreadMember: Sendable, Hashable {
    /// The way to it: `linux.resources.novel`.
    public let keyPath: String
    /// Of the key.
    public let range: SourceRange
    /// A member that the type has, the object has not, and that is spelt nearly so.
    public let nearest: String?
}

extension JSONDocument {
    /// Makes a value of the whole document, and tells which of its members the type knows nothing of, in source order.
    public func decodeTellingUnread<T: Decodable>(_ type: T.Type) throws(LocatedError) -> (value: T, unread: [JSONUnreadMember]) {
        let trace = JSONReadingTrace()
        let value = try decodeLocated(type, from: root, path: source.path, trace: trace)
        return (value, trace.unread(in: root))
    }
}
