// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// What the runtime-spec (1.2.1) says with MUST, and how a container shows it.
struct Clause: Sendable, CustomTestStringConvertible {
    /// Page and section.
    let place: String
    /// What is asked for.
    let words: String
    /// For a shell in the container.
    let script: String
    /// What it prints, on both streams, without the last newline.
    let prints: String

    init(_ place: String, _ words: String, _ script: String, _ prints: String) {
        self.place = place
        self.words = words
        self.script = script
        self.prints = prints
    }

    var testDescription: String { "\(place): \(words)" }
}

/// A container that is run once for all clauses of a table, since each run takes a machine.
actor Specimen {
    private let id: String
    private let clauses: [Clause]
    private let change: @Sendable (MachineHost, inout [String: Any]) throws -> Void
    private let after: @Sendable (MachineHost) -> Void
    private var run: Task<(answers: [String], errors: String), any Error>?

    /// - Parameters:
    ///   - change: of the document, with what it needs on the host.
    ///   - after: undoes that where it is not below the host's directory alone.
    init(
        _ id: String, _ clauses: [Clause], change: @escaping @Sendable (MachineHost, inout [String: Any]) throws -> Void,
        after: @escaping @Sendable (MachineHost) -> Void = { _ in }
    ) {
        self.id = id
        self.clauses = clauses
        self.change = change
        self.after = after
    }

    /// What the runtime said.
    var errors: String { get async throws { try await outcome().errors } }

    /// What the clause's script printed.
    func print(of clause: Clause) async throws -> String {
        let index = try #require(clauses.firstIndex { $0.testDescription == clause.testDescription })
        let (answers, errors) = try await outcome()
        return try #require(answers.indices.contains(index) ? answers[index] : nil, "it ended before: \(answers) \(errors)")
    }

    private func outcome() async throws -> (answers: [String], errors: String) {
        let run = run ?? Task { try await self.answers() }
        self.run = run
        return try await run.value
    }

    private static let mark = "=== next clause ==="

    private func answers() async throws -> (answers: [String], errors: String) {
        let (id, clauses, change, after) = (id, clauses, change, after)
        let script = clauses.map { "echo '\(Self.mark)'; { \($0.script)\n} 2>&1" }.joined(separator: "\n")
        let box = Box()
        try await withMachineHost(leaving: id) { host in
            defer { after(host) }
            try host.specify(["sh", "-c", script]) { document in
                do { try change(host, &document) } catch { Issue.record(error) }
            }
            let result = try await host.kata("run", "--bundle", host.bundle.string, id)
            box.text = result.text
            box.errors = result.errorText
        }
        let parts = box.text.components(separatedBy: Self.mark + "\n").dropFirst()
        return (parts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }, box.errors)
    }

    private final class Box { var (text, errors) = ("", "") }
}

/// Changes one section of a document.
func change(_ document: inout [String: Any], _ section: String, _ body: (inout [String: Any]) -> Void) {
    var value = document[section] as? [String: Any] ?? [:]
    body(&value)
    document[section] = value
}

/// Appends to the mounts of a document.
func mount(
    _ document: inout [String: Any], _ destination: String, type: String = "tmpfs", source: String = "tmpfs", _ options: [String] = []
) {
    var mounts = document["mounts"] as? [[String: Any]] ?? []
    mounts.append(["destination": destination, "type": type, "source": source, "options": options])
    document["mounts"] = mounts
}
