// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// One thing that a file of an engine shall say.
enum EngineChange {
    case text(TextEdit)
    case toml(FilePath, TOMLChange)
    case json(FilePath, JSONChange)
}

/// Files that are edited, each of them read at most once however many registrations it has.
struct EngineDocuments {
    let sources: [SourceText]
    private var read: [FilePath: TOMLDocument] = [:]

    init(_ sources: [SourceText]) { self.sources = sources }

    mutating func toml(_ file: FilePath) throws(EngineEditError) -> TOMLDocument {
        if let document = read[file] { return document }
        guard let source = sources.first(where: { $0.path == file }),
            let document = TOMLDocument.parse(source, as: TOMLGrammar.ofEngines).value
        else {
            throw .unreadable(file)
        }
        read[file] = document
        return document
    }

    func json(_ file: FilePath) throws(EngineEditError) -> JSONDocument {
        guard let source = sources.first(where: { $0.path == file }), let document = JSONDocument.parse(source).value else {
            throw .unreadable(file)
        }
        return document
    }

    /// The edits that make the changes, of each document together.
    mutating func edits(making changes: [EngineChange]) throws(EngineEditError) -> [TextEdit] {
        var edits: [TextEdit] = []
        for source in sources {
            var (toml, json): ([TOMLChange], [JSONChange]) = ([], [])
            for change in changes {
                switch change {
                // A variable that is used twice gives one place twice.
                case .text(let edit) where edit.file == source.path && !edits.contains(edit): edits.append(edit)
                case .toml(source.path, let change): toml.append(change)
                case .json(source.path, let change): json.append(change)
                default: break
                }
            }
            if !toml.isEmpty {
                let document = try self.toml(source.path)
                edits += try Self.located(source.path) { () throws(DocumentEditError) in try document.edits(making: toml) }
            }
            if !json.isEmpty {
                let document = try self.json(source.path)
                edits += try Self.located(source.path) { () throws(DocumentEditError) in try document.edits(making: json) }
            }
        }
        return edits
    }

    private static func located(
        _ file: FilePath, _ make: () throws(DocumentEditError) -> [TextEdit]
    ) throws(EngineEditError) -> [TextEdit] {
        do throws(DocumentEditError) {
            return try make()
        } catch {
            throw .document(file, error)
        }
    }
}

extension Sequence<EngineRegistration> {
    /// The edits that make engines call other programs under the same names, as runc is called.
    ///
    /// Registrations of one file are changed together, because they may need the same table.
    ///
    /// - Parameters:
    ///   - newPath: the program in place of a registration's.
    ///   - droppingArguments: whether the old program's arguments mean nothing to the new one.
    ///   - sources: the files that were read.
    public func edits(
        changingPathTo newPath: (EngineRegistration) -> FilePath, droppingArguments: (EngineRegistration) -> Bool = { _ in false },
        in sources: [SourceText]
    ) throws(EngineEditError) -> [TextEdit] {
        var documents = EngineDocuments(sources)
        var changes: [EngineChange] = []
        for registration in self {
            changes += try registration.changes(
                changingPathTo: newPath(registration), dropsArguments: droppingArguments(registration), in: &documents)
        }
        return try documents.edits(making: changes)
    }
}

extension [EngineChange] {
    /// The edits of one file.
    func edits(in source: SourceText) throws(EngineEditError) -> [TextEdit] {
        var documents = EngineDocuments([source])
        return try documents.edits(making: self)
    }
}
