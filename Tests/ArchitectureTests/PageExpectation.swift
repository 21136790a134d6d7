// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// That a page of Docs is what the program says; with KATA_UPDATE_GOLDENS=1, outside of CI, it is written instead.
func expectPage(_ name: String, is text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let path = Repository.root.appending("Docs").appending(name)
    let environment = Environment.variables()
    if environment["KATA_UPDATE_GOLDENS"] == "1", environment["CI"] == nil {
        try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
        Issue.record("wrote \(path)", sourceLocation: sourceLocation)
        return
    }
    let written = String(decoding: try FileSystem.read(path), as: UTF8.self)
    #expect(written == text, "Docs/\(name) is not what the program says", sourceLocation: sourceLocation)
}
