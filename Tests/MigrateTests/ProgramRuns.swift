// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

// How the program is run on the tree of a host.
extension HostFixture {
    func apply(_ root: FilePath) -> [String] {
        ["apply", "--root", root.string, "--host-facts", directory.string, "--running", "recreate", "--yes"]
    }

    static func rollback(_ root: FilePath) -> [String] { ["rollback", "--root", root.string, "--yes"] }
}

func runMigrate(_ arguments: [String]) async throws -> ProgramResult {
    try await runProgram(CommandTests.program, arguments, environment: ["PATH=/usr/bin:/bin"])
}

func withTreeCopy<Result>(of model: FilePath, _ body: (FilePath) async throws -> Result) async throws -> Result {
    let place = FilePath("\(model.string).\(UInt32.random(in: 0 ... .max))")
    defer { removeQuickly(place) }
    #expect(try await runProgram("/bin/cp", ["-a", model.string, place.string]).status == .exited(0))
    return try await body(place)
}
