// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText
internal import SystemPackage

// What the new runtime has on a host.
extension Host {
    /// Whether a directory that was an old runtime's holds a record of the new one: an engine gives both the same `--root`, so that a
    /// container that it starts again has its directory where the old one was.
    func isOfNewRuntime(_ path: FilePath) throws(SystemError) -> Bool {
        let record = path.appending("record.json")
        guard try node(at: path)?.kind == .directory, try node(at: record)?.kind == .file else { return false }
        let root = JSONDocument.parse(SourceText(path: record, bytes: try bytes(of: record))).value?.root
        return root?["version"]?.integer != nil && root?["life"] != nil && root?["id"]?.string == path.lastComponent?.string
    }
}

extension CommandResult {
    /// Whether the runtime was asked for a container that it does not have.
    var isOfUnknownContainer: Bool { status != 0 && said.contains("does not exist") }
}
