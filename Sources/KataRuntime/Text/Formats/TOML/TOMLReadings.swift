// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What a text was read as: it does not change, so one reading serves everybody who looks at it.
final class TOMLReadings: Sendable {
    private let known = Mutex<[TOMLGrammar: Parsed<TOMLDocument>]>([:])

    func reading(by grammar: TOMLGrammar, _ read: () -> Parsed<TOMLDocument>) -> Parsed<TOMLDocument> {
        if let reading = known.withLock({ Self.reading(by: grammar, in: $0) }) { return reading }
        let reading = read()
        known.withLock { $0[grammar] = reading }
        return reading
    }

    /// What TOML 1.0 and 1.1 have in common they read alike; all else has a finding.
    private static func reading(by grammar: TOMLGrammar, in known: [TOMLGrammar: Parsed<TOMLDocument>]) -> Parsed<TOMLDocument>? {
        if let reading = known[grammar] { return reading }
        let others: [TOMLGrammar: TOMLGrammar] = [.toml10: .toml11, .toml11: .toml10]
        return others[grammar].flatMap { known[$0] }.flatMap { $0.diagnostics.isEmpty ? $0 : nil }
    }
}
