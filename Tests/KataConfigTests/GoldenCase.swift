// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataConfig
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

/// A directory of fixtures/kata: `input/configuration.toml` and its drop-ins, `expected/diagnostics.txt`, and `expected/show.toml` and
/// `expected/show.json` where the configuration can be used.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    let name: String

    static let root = Repository.fixtures.appending("kata")

    /// Every directory, so that a new case adds no Swift.
    static let all: [GoldenCase] = ((try? FileSystem.list(root)) ?? [])
        .filter { (try? FileSystem.status(root.appending($0)))?.kind == .directory }.map(GoldenCase.init)

    var testDescription: String { name }

    func load() -> ConfigurationLayers.Outcome {
        ConfigurationLayers.load(path: Self.root.appending("\(name)/input/configuration.toml"), environment: [:])
    }

    /// Paths below the case are printed as seen from its input.
    func relative(_ text: String) -> String {
        text.replacingOccurrences(of: "\(Self.root)/\(name)/input/", with: "")
    }

    /// The recorded text; with KATA_UPDATE_GOLDENS=1 in the environment it is written instead of compared.
    func expect(_ text: String?, at file: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let path = "\(Self.root)/\(name)/expected/\(file)"
        if ProcessInfo.processInfo.environment["KATA_UPDATE_GOLDENS"] == "1" {
            try? FileManager.default.removeItem(atPath: path)
            guard let text else { return }
            try FileManager.default.createDirectory(atPath: "\(Self.root)/\(name)/expected", withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return
        }
        let recorded = try? String(contentsOfFile: path, encoding: .utf8)
        #expect(text == recorded, "differs from \(path)", sourceLocation: sourceLocation)
    }
}

/// The configuration of a text without drop-ins.
func resolve(_ text: String, path: FilePath = "configuration.toml") -> Parsed<ResolvedConfiguration> {
    let parsed = TOMLDocument.parse(SourceText(path: path, text: text))
    #expect(parsed.diagnostics.isEmpty, "the test's own text is no TOML")
    return ResolvedConfiguration.resolve(parsed.partial.map { [$0] } ?? [])
}
