// SPDX-License-Identifier: Apache-2.0
internal import KataSystem
internal import KataText
internal import SystemPackage

/// Bounds of what is read: each is far above what a host can have had, and keeps a hostile tree from taking all memory.
enum RecordLimits {
    /// A configuration of virtcontainers holds the specification of each container twice; 16 MiB is room for hundreds.
    static let configuration = 16 << 20
    /// The other files hold a few lines.
    static let state = 1 << 20
    /// A VM took half a gigabyte or more, so a host had hundreds at most.
    static let sandboxes = 10_000
    /// The guest had one shared directory and at most 240 processors.
    static let containers = 1_000
}

/// A part of a JSON file, with the file for reports.
struct RecordPart {
    let value: JSONValue
    let file: FilePath
}

/// One pass over the records of a tree.
struct RecordReading<Tree: LegacyTree> {
    let tree: Tree
    var diagnostics: [Diagnostic] = []

    init(tree: Tree) { self.tree = tree }

    typealias Part = RecordPart

    mutating func report(
        _ code: DiagnosticCode, _ severity: Severity, _ message: String, _ file: FilePath, _ range: SourceRange? = nil
    ) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: file, range: range))
    }
}

// Files and directories.
extension RecordReading {
    /// The entries of a directory by name; nil when there is no such directory.
    mutating func list(_ directory: FilePath) -> [LegacyTreeEntry]? {
        do {
            return try tree.list(directory)?.sorted { $0.name < $1.name }
        } catch {
            report(.unreadable, .error, errorChain(error), directory)
            return []
        }
    }

    /// The entries that are directories with names that can be part of a path, at most so many.
    mutating func directories(in directory: FilePath, limit: Int) -> [FilePath.Component] {
        let found = (list(directory) ?? []).filter { $0.kind == .directory }
        if found.count > limit {
            report(.tooMany, .error, "\(found.count) directories, of which \(limit) are read", directory)
        }
        return found.prefix(limit).compactMap { component($0.name, in: directory) }
    }

    /// A name as a part of a path; nil for what would lead elsewhere.
    mutating func component(_ name: String, in file: FilePath, _ range: SourceRange? = nil) -> FilePath.Component? {
        if name.utf8.count <= 255, !name.utf8.contains(0), let component = FilePath.Component(name), component.kind == .regular {
            return component
        }
        report(.badName, .warning, "\"\(name.prefix(80))\" cannot be the name of a directory", file, range)
        return nil
    }

    /// A JSON file that holds an object; nil when there is no such file or it cannot be read. What is wrong with it is reported.
    mutating func record(_ file: FilePath, limit: Int = RecordLimits.state) -> Part? {
        guard let part = document(file, limit: limit) else { return nil }
        if part.value.object != nil { return part }
        report(.surprise, .warning, "the file holds \(part.value.typeName), not an object", file)
        return nil
    }

    /// The objects of a JSON file that holds an array of them, which Go writes as null when it is empty; nil as for `record`.
    mutating func records(_ file: FilePath) -> [Part]? {
        guard let part = document(file, limit: RecordLimits.state) else { return nil }
        if part.value.isNull { return [] }
        if let list = part.value.array { return objects(list, "list", part, limit: RecordLimits.containers) }
        report(.surprise, .warning, "the file holds \(part.value.typeName), not an array", file)
        return nil
    }

    /// A file of text that is no JSON, with U+FFFD for what is no character; nil as for `record`.
    mutating func plainText(_ file: FilePath, limit: Int) -> String? {
        do {
            return try tree.read(file, limit: limit).map { String(decoding: $0, as: UTF8.self) }
        } catch {
            report(.unreadable, .error, errorChain(error), file)
            return nil
        }
    }

    /// The files and sockets directly in a directory.
    mutating func filesAndSockets(
        in directory: FilePath, limit: Int = RecordLimits.containers
    ) -> (files: [FilePath], sockets: [FilePath]) {
        var found: (files: [FilePath], sockets: [FilePath]) = ([], [])
        for entry in (list(directory) ?? []).prefix(limit) where entry.kind == .file || entry.kind == .socket {
            guard let name = component(entry.name, in: directory) else { continue }
            if entry.kind == .file {
                found.files.append(directory.appending(name))
            } else {
                found.sockets.append(directory.appending(name))
            }
        }
        return found
    }

    private mutating func document(_ file: FilePath, limit: Int) -> Part? {
        do {
            guard let bytes = try tree.read(file, limit: limit) else { return nil }
            let parsed = JSONDocument.parse(SourceText(path: file, bytes: bytes))
            diagnostics += parsed.diagnostics
            return parsed.partial.map { Part(value: $0.root, file: file) }
        } catch {
            report(.unreadable, .error, errorChain(error), file)
            return nil
        }
    }
}

// Fields. Absent and null are the same to Go; every other surprise is reported and then taken for absent.
extension RecordReading {
    mutating func part(_ key: String, of part: Part?) -> Part? {
        guard let part, let value = part.value[key], !value.isNull else { return nil }
        guard value.object != nil else {
            surprise(key, value, "an object", part)
            return nil
        }
        return Part(value: value, file: part.file)
    }

    mutating func parts(_ key: String, of part: Part?, limit: Int = RecordLimits.containers) -> [Part] {
        guard let part, let value = part.value[key], !value.isNull else { return [] }
        guard let list = value.array else {
            surprise(key, value, "an array", part)
            return []
        }
        return objects(list, key, part, limit: limit)
    }

    private mutating func objects(_ list: [JSONValue], _ name: String, _ part: Part, limit: Int) -> [Part] {
        if list.count > limit {
            report(.tooMany, .error, "\(list.count) elements of \(name), of which \(limit) are read", part.file)
        }
        return list.prefix(limit).compactMap { element in
            guard element.object == nil else { return Part(value: element, file: part.file) }
            surprise("\(name)[]", element, "an object", part)
            return nil
        }
    }

    mutating func text(_ key: String, of part: Part?) -> String? {
        guard let part, let value = part.value[key], !value.isNull else { return nil }
        if let text = value.string { return text }
        surprise(key, value, "a string", part)
        return nil
    }

    mutating func texts(_ key: String, of part: Part?) -> [String] {
        guard let part, let value = part.value[key], !value.isNull else { return [] }
        let list = value.array?.map(\.string)
        if let list, !list.contains(nil) { return list.compactMap { $0 } }
        surprise(key, value, "an array of strings", part)
        return []
    }

    mutating func flag(_ key: String, of part: Part?) -> Bool {
        guard let part, let value = part.value[key], !value.isNull else { return false }
        if let flag = value.bool { return flag }
        surprise(key, value, "a boolean", part)
        return false
    }

    mutating func number(_ key: String, of part: Part?) -> Int64? {
        guard let part, let value = part.value[key], !value.isNull else { return nil }
        if let number = value.integer { return number }
        surprise(key, value, "an integer of 64 bits", part)
        return nil
    }

    /// A path; empty means none, as Go has no other way to say so.
    mutating func path(_ key: String, of part: Part?) -> FilePath? {
        guard let part, let text = text(key, of: part), !text.isEmpty else { return nil }
        guard !text.utf8.contains(0) else {
            report(.surprise, .warning, "\(key) holds a NUL character", part.file, part.value[key]?.range)
            return nil
        }
        return FilePath(text)
    }

    /// An object of strings.
    mutating func table(_ key: String, of part: Part?) -> [String: String] {
        guard let inner = self.part(key, of: part) else { return [:] }
        var table: [String: String] = [:]
        for member in inner.value.object ?? [] {
            if let text = member.value.string {
                table[member.key] = text
            } else {
                surprise("\(key).\(member.key)", member.value, "a string", inner)
            }
        }
        return table
    }

    /// Counts from 2 to the largest that Linux gives; 0 and -1 say that nothing was recorded.
    mutating func process(
        _ role: RecordedProcess.Role, _ key: String, of part: Part?, container: LegacyContainerID? = nil, noted: String? = nil
    ) -> RecordedProcess? {
        guard let part, let number = number(key, of: part), number != 0, number != -1 else { return nil }
        guard (2...4_194_304).contains(number), let pid = Int32(exactly: number) else {
            report(.badPid, .warning, "\(key) \(number) is no pid", part.file, part.value[key]?.range)
            return nil
        }
        return RecordedProcess(role: role, pid: pid, noted: noted, container: container, file: part.file)
    }

    private mutating func surprise(_ key: String, _ value: JSONValue, _ wanted: String, _ part: Part) {
        report(.surprise, .warning, "\(key) is \(value.typeName), not \(wanted)", part.file, value.range)
    }
}
