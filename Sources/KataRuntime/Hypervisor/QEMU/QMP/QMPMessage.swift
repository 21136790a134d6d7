// SPDX-License-Identifier: Apache-2.0

public import KataText
internal import SystemPackage

/// Something that happened in QEMU (QEMU QMP Reference Manual).
public struct QMPEvent: Sendable {
    /// `SHUTDOWN`, `VSERPORT_CHANGE` …
    public let name: String
    public let data: JSONValue?

    public init(name: String, data: JSONValue?) {
        self.name = name
        self.data = data
    }
}

/// One line that QEMU sends (docs/interop/qmp-spec.txt, clause 2).
enum QMPMessage {
    case greeting(JSONValue)
    case reply(id: UInt64, JSONValue)
    /// `id` is nil when QEMU could not read the command at all.
    case refusal(id: UInt64?, class: String, description: String)
    case event(QMPEvent)

    /// Nil for a line that is none of these.
    static func parse(_ line: [UInt8]) -> QMPMessage? {
        guard let root = JSONDocument.parse(SourceText(path: "qmp", bytes: line)).value?.root, root.object != nil else { return nil }
        let id = root["id"]?.integer.flatMap { UInt64(exactly: $0) }
        if let greeting = root["QMP"] { return .greeting(greeting) }
        if let name = root["event"]?.string { return .event(QMPEvent(name: name, data: root["data"])) }
        if let value = root["return"], let id { return .reply(id: id, value) }
        if let error = root["error"], let name = error["class"]?.string {
            return .refusal(id: id, class: name, description: error["desc"]?.string ?? "")
        }
        return nil
    }
}

/// A command's line.
struct QMPRequest<Arguments: Encodable>: Encodable {
    let execute: String
    let arguments: Arguments
    let id: UInt64
}

struct NoArguments: Encodable, Sendable {}
