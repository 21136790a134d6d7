// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// One thing that a file of an engine shall say.
enum EngineChange {
    case text(TextEdit)
    case toml(FilePath, TOMLChange)
    case json(FilePath, JSONChange)
}

extension Sequence<EngineRegistration> {
    /// The edits that make engines call other programs under the same names, as runc is called.
    ///
    /// Registrations of one file are changed together, because they may need the same table.
    ///
    /// - Parameters:
    ///   - newPath: the program in place of a registration's.
    ///   - sources: the files that were read.
    public func edits(changingPathTo newPath: (EngineRegistration) -> FilePath, in sources: [SourceText]) throws(EngineEditError)
        -> [TextEdit]
    {
        var changes: [EngineChange] = []
        for registration in self { changes += try registration.changes(changingPathTo: newPath(registration), in: sources) }
        return try changes.edits(in: sources)
    }
}

extension [EngineChange] {
    func edits(in sources: [SourceText]) throws(EngineEditError) -> [TextEdit] {
        var edits: [TextEdit] = []
        for source in sources {
            var (toml, json): ([TOMLChange], [JSONChange]) = ([], [])
            for change in self {
                switch change {
                // A variable that is used twice gives one place twice.
                case .text(let edit) where edit.file == source.path && !edits.contains(edit): edits.append(edit)
                case .toml(source.path, let change): toml.append(change)
                case .json(source.path, let change): json.append(change)
                default: break
                }
            }
            if !toml.isEmpty {
                edits += try Self.edits(of: source, TOMLDocument.parse(source).value) { d throws(DocumentEditError) in
                    try d.edits(making: toml)
                }
            }
            if !json.isEmpty {
                edits += try Self.edits(of: source, JSONDocument.parse(source).value) { d throws(DocumentEditError) in
                    try d.edits(making: json)
                }
            }
        }
        return edits
    }

    private static func edits<Document>(
        of source: SourceText, _ document: Document?, _ make: (Document) throws(DocumentEditError) -> [TextEdit]
    ) throws(EngineEditError) -> [TextEdit] {
        guard let document else { throw .unreadable(source.path) }
        do throws(DocumentEditError) {
            return try make(document)
        } catch {
            throw .document(source.path, error)
        }
    }
}
