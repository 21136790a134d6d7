// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

extension Containerd {
    /// The edits after which a runtime that is registered in none of the files so far is called as runc is.
    ///
    /// - Parameters:
    ///   - name: the handler that a RuntimeClass names.
    ///   - annotations: of pods, that the runtime gets to see.
    ///   - source: a configuration; its version decides the names, one that says none is of version 1.
    public static func edits(
        registering name: String, path: FilePath, annotations: [String] = [], in source: SourceText, release: Release? = nil
    ) throws(EngineEditError) -> [TextEdit] {
        guard let document = TOMLDocument.parse(source, as: TOMLGrammar.ofEngines).value else { throw .unreadable(source.path) }
        let version = document.root["version"]?.integer ?? 1
        let plugin = version == 1 ? "cri" : version == 2 ? "io.containerd.grpc.v1.cri" : "io.containerd.cri.v1.runtime"
        let table = ["plugins", plugin, "containerd", "runtimes", name]
        var changes: [TOMLChange] = [.set(table + ["runtime_type"], .string(shimType(for: release)))]
        if !annotations.isEmpty { changes.append(.set(table + ["pod_annotations"], .array(annotations.map { .string($0) }))) }
        changes.append(.set(table + ["options", "BinaryName"], .string(path.string)))
        return try changes.map { EngineChange.toml(source.path, $0) }.edits(in: source)
    }

    /// Which shim calls programs as runc is called.
    private static func shimType(for release: Release?) -> String {
        if let release, release < Since.runcShim { return linuxType }
        if let release, release < Since.runcShim2 { return "io.containerd.runc.v1" }
        return "io.containerd.runc.v2"
    }

    /// - Parameter tables: the runtime's, in the files that have it; the last one counts.
    static func changes(
        calling path: FilePath, from tables: [EngineRegistration.Table], _ version: Int, _ release: Release?,
        in documents: inout EngineDocuments
    ) throws(EngineEditError) -> [EngineChange] {
        var roots: [(path: [String], root: TOMLTable)] = []
        for table in tables { roots.append((table.path, try documents.toml(table.file).root)) }
        func text(_ key: [String]) -> String? {
            roots.compactMap { $0.root.value(at: $0.path + key)?.string }.last { !$0.isEmpty }
        }
        let (set, remove) = changes(calling: path, type: text(["runtime_type"]) ?? "", version, release, text)
        return tables.flatMap { table in remove.map { .toml(table.file, .remove(table.path + $0)) } }
            + tables.suffix(1).flatMap { table in set.map { .toml(table.file, .set(table.path + $0.0, .string($0.1))) } }
    }

    /// What a runtime's table has to say, and what it must not.
    private static func changes(
        calling path: FilePath, type: String, _ version: Int, _ release: Release?, _ text: ([String]) -> String?
    ) -> (set: [([String], String)], remove: [[String]]) {
        switch type {
        case "io.containerd.runc.v2": return ([(["options", "BinaryName"], path.string)], [])
        case "io.containerd.runc.v1" where release.map({ $0 < Since.merging }) ?? (version < 3):
            return ([(["options", "BinaryName"], path.string)], [])
        // The first kind of shim serves a host whose containerd may know no other.
        case linuxType where release.map({ $0 < Since.runcShim }) ?? (version == 1):
            return ([(text(["options", "Runtime"]) == nil ? ["runtime_engine"] : ["options", "Runtime"], path.string)], [])
        default:
            var set = [(["runtime_type"], shimType(for: release)), (["options", "BinaryName"], path.string)]
            if let root = text(["options", "RuntimeRoot"]) ?? text(["runtime_root"]) { set.append((["options", "Root"], root)) }
            // containerd refuses an engine or root beside any other type; the rest is of the old shim.
            let remove = [
                ["runtime_engine"], ["runtime_root"], ["runtime_path"], ["options", "Runtime"], ["options", "RuntimeRoot"],
                ["options", "ConfigPath"],
            ]
            return (set, remove)
        }
    }
}
