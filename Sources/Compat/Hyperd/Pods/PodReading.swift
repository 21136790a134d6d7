// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// A pod file being read as Go's encoding/json read it for hyperd: keys without case, the last of equal ones, null for nothing.
struct PodReading {
    let source: SourceText
    var diagnostics: [Diagnostic] = []
    /// The volumes and files that have been described so far.
    var knownVolumes: Set<String> = []
    var knownFiles: Set<String> = []

    /// An object whose keys have been looked at.
    struct Object {
        let path: String
        let range: SourceRange
        let members: [String: YAMLMember]

        func value(_ key: String) -> YAMLNode? {
            let node = members[key.lowercased()]?.value
            return node?.isNull == true ? nil : node
        }

        func way(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    }

    mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange?) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range))
    }

    mutating func object(_ node: YAMLNode, _ path: String, _ keys: PodKeys) -> Object? {
        guard let mapping = node.mapping else {
            mismatch(node, path, "an object")
            return nil
        }
        let names = Dictionary(uniqueKeysWithValues: keys.keys.keys.map { ($0.lowercased(), $0) })
        var members: [String: YAMLMember] = [:]
        for member in Self.merged(mapping) {
            guard let key = member.key.scalarText else { continue }
            let way = path.isEmpty ? key : "\(path).\(key)"
            guard let name = names[key.lowercased()] else {
                let hint = suggestion(for: key, in: keys.keys.keys.sorted())
                report(.unknownPodKey, .warning, "hyperd read past '\(way)'\(hint)", member.key.range)
                continue
            }
            // Those that are read all the same are reported with what takes their place.
            if case .lost(let reason)? = keys.keys[name], !member.value.saysNothing, !PodKeys.reportedLater.contains(name) {
                report(.lostPodKey, .warning, "\(way) is not carried over: \(reason)", member.key.range)
            }
            members[name.lowercased()] = member
        }
        return Object(path: path, range: node.range, members: members)
    }

    /// What YAML merges by `<<` comes first, so that the mapping's own keys count.
    private static func merged(_ members: [YAMLMember]) -> [YAMLMember] {
        let sources = members.filter(\.isMerge).flatMap { ($0.value.sequence ?? [$0.value]).reversed() }
        return sources.flatMap { merged($0.mapping ?? []) } + members.filter { !$0.isMerge }
    }

    private mutating func mismatch(_ node: YAMLNode, _ path: String, _ wanted: String) {
        let subject = path.isEmpty ? "a pod file" : path
        report(.podValueType, .error, "\(subject) must be \(wanted), not \(node.typeName); hyperd refused it", node.range)
    }

    mutating func string(_ object: Object, _ key: String) -> Sourced<String>? {
        guard let node = object.value(key) else { return nil }
        return string(node, object.way(key))
    }

    private mutating func string(_ node: YAMLNode, _ path: String) -> Sourced<String>? {
        guard let text = node.string else {
            mismatch(node, path, "a string")
            return nil
        }
        return Sourced(value: text, range: node.range, path: path)
    }

    /// An empty string is what Go has for none.
    mutating func text(_ object: Object, _ key: String) -> Sourced<String>? {
        let found = string(object, key)
        return found?.value.isEmpty == true ? nil : found
    }

    mutating func integer(_ object: Object, _ key: String) -> Sourced<Int64>? {
        guard let node = object.value(key) else { return nil }
        guard let number = node.integer, Int64(Int32.min)...Int64(Int32.max) ~= number else {
            mismatch(node, object.way(key), "an integer of 32 bits")
            return nil
        }
        return number == 0 ? nil : Sourced(value: number, range: node.range, path: object.way(key))
    }

    mutating func boolean(_ object: Object, _ key: String) -> Sourced<Bool>? {
        guard let node = object.value(key) else { return nil }
        guard let value = node.boolean else {
            mismatch(node, object.way(key), "a boolean")
            return nil
        }
        return Sourced(value: value, range: node.range, path: object.way(key))
    }

    mutating func list(_ object: Object, _ key: String) -> [(node: YAMLNode, path: String)] {
        guard let node = object.value(key) else { return [] }
        guard let list = node.sequence else {
            mismatch(node, object.way(key), "a list")
            return []
        }
        return list.enumerated().map { ($1, "\(object.way(key))[\($0)]") }
    }

    mutating func strings(_ object: Object, _ key: String) -> [Sourced<String>] {
        list(object, key).compactMap { string($0.node, $0.path) }
    }

    mutating func objects(_ object: Object, _ key: String, _ keys: PodKeys) -> [Object] {
        list(object, key).compactMap { self.object($0.node, $0.path, keys) }
    }

    mutating func pairs(_ object: Object, _ key: String) -> [(name: String, value: Sourced<String>)] {
        guard let node = object.value(key) else { return [] }
        guard let members = node.mapping else {
            mismatch(node, object.way(key), "an object of strings")
            return []
        }
        return members.compactMap { member in
            guard let name = member.key.scalarText, let value = string(member.value, "\(object.way(key)).\(name)") else { return nil }
            return (name, value)
        }
    }
}

extension YAMLNode {
    /// Null, zero, or empty, which all are nothing to Go.
    fileprivate var saysNothing: Bool {
        switch content {
        case .scalar(let value, let text): value == .null || value == .boolean(false) || value == .integer(0) || text.isEmpty
        case .sequence(let list): list.isEmpty
        case .mapping(let members): members.allSatisfy { $0.value.saysNothing }
        }
    }
}
