// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// Docs/Conformance.md names a test for each clause of the runtime-spec; the test must be there.
@Suite struct ClausePageTests {
    @Test func eachTestThatIsNamedIsThere() throws {
        let page = String(decoding: try FileSystem.read(Repository.root.appending("Docs/Conformance.md")), as: UTF8.self)
        let table = try #require(page.split(separator: "## The clauses").last)
        var named: Set<Substring> = []
        for match in table.matches(of: /`([A-Za-z]+Tests\.[a-z][A-Za-z]+)`/) { named.insert(match.1) }
        #expect(named.count > 20)
        let sources = try Self.sources(below: Repository.root.appending("Tests"))
        for name in named.sorted() {
            let parts = name.split(separator: ".")
            let isThere = sources.contains { $0.contains("struct \(parts[0]) ") && $0.contains("func \(parts[1])(") }
            #expect(isThere, "\(name) is no test")
        }
    }

    private static func sources(below directory: FilePath) throws -> [String] {
        try FileSystem.list(directory).flatMap { name -> [String] in
            let path = directory.appending(name)
            if try FileSystem.status(path)?.kind == .directory { return try sources(below: path) }
            return name.hasSuffix(".swift") ? [String(decoding: try FileSystem.read(path), as: UTF8.self)] : []
        }
    }
}
