// SPDX-License-Identifier: Apache-2.0

import Compat
import Foundation
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// Trees that the real runtimes of the past left.
@Suite(.needs(.corpus, .program("tar"), .root)) struct CorpusTests {
    /// A tree as a legacy runtime left it after a step, and what that runtime said of it.
    struct Tree: CustomTestStringConvertible, Sendable {
        let archive: FilePath

        var testDescription: String { archive.components.suffix(2).map(\.string).joined(separator: "/") }

        /// What `list` of the runtime printed: the containers' names.
        func listed() throws -> [String] {
            let place = FilePath(String(archive.string.dropLast(".tar".count)) + ".list.json")
            guard FileSystem.exists(place) else { return [] }
            let list = JSONDocument.parse(SourceText(path: place, bytes: try FileSystem.read(place))).value?.root.array ?? []
            return list.compactMap { $0["id"]?.string }
        }
    }

    private static let trees: [Tree] = {
        let state = Corpus.root.appending("state")
        // Without the corpus there are no cases, and the trait above says why.
        return ((try? FileSystem.list(state)) ?? []).sorted().flatMap { system in
            let names = (try? FileSystem.list(state.appending(system))) ?? []
            return names.filter { $0.hasSuffix(".tar") }.map { Tree(archive: state.appending(system).appending($0)) }
        }
    }()

    @Test(arguments: trees)
    func everySandboxOfARealTreeIsFoundAsItsFilesSayAndHasAFate(tree: Tree) async throws {
        try await withTree(tree) { root in
            let before = try fingerprint(of: root)
            let view = try HostView(root: root, facts: .unknown)
            let scan = HostScan(of: view)
            #expect(scan.brokenRecords.isEmpty)
            let containers = scan.sandboxes.flatMap(\.record.containers)
            for id in try tree.listed() {
                let container = try #require(containers.first { $0.id.rawValue == id }, "\(id) is not found")
                let word = try recordedWord(of: id, below: root)
                #expect(container.state == LegacyState(word: word), "\(id): \(word)")
            }
            let plan = Plan(for: scan, on: view, layout: TargetLayout(), running: RunningPolicy(.drain))
            #expect(plan.sandboxes.map(\.sandbox) == scan.sandboxes.map(\.id))
            for fate in plan.sandboxes {
                #expect(!fate.reason.isEmpty && fate.verdict != .undecided)
                let isDone = plan.steps.contains { $0.object == fate.sandbox.rawValue && $0.kind != .drainSandbox }
                #expect(isDone != plan.leftInPlace.contains { $0.what == "sandbox \(fate.sandbox)" }, "\(fate)")
            }
            #expect(JSONDocument.parse(SourceText(path: "plan", text: plan.json)).value != nil)
            #expect(try fingerprint(of: root) == before)
        }
    }

    /// The archives hold the runtimes' own trees; on the host the bundles were beside them.
    @Test(arguments: trees)
    func withItsBundlesWhatNobodyOwnsMoves(tree: Tree) async throws {
        try await withTree(tree) { root in
            let view = try HostView(root: root, facts: .unknown)
            for container in HostScan(of: view).sandboxes.flatMap(\.record.containers) {
                let bundle = try #require(container.bundle)
                let place = root.pushing(bundle.removingRoot())
                try FileManager.default.createDirectory(atPath: place.appending("rootfs").string, withIntermediateDirectories: true)
                try AtomicFile.write(
                    Array(#"{"ociVersion": "1.0.0", "root": {"path": "rootfs"}, "process": {"args": ["true"], "cwd": "/"}}"#.utf8),
                    to: place.appending("config.json"))
            }
            let plan = Plan(for: HostScan(of: view), on: view, layout: TargetLayout(), running: RunningPolicy(.drain))
            for sandbox in HostScan(of: view).sandboxes where sandbox.owner == .nobody {
                let fate = try #require(plan.sandboxes.first { $0.sandbox == sandbox.id })
                #expect(fate.verdict == .moved, "\(fate)")
                for container in sandbox.record.containers {
                    let record = TargetLayout().coldRecords.appending(container.id.rawValue).appending("record.json")
                    let isMade = plan.steps.flatMap(\.changes).contains { if case .create(record, _, _) = $0 { true } else { false } }
                    #expect(isMade, "\(record)")
                }
            }
        }
    }

    private func withTree(_ tree: Tree, _ body: (FilePath) async throws -> Void) async throws {
        try await withTemporaryDirectory { root in
            #expect(try await runProgram("/bin/tar", ["-xf", tree.archive.string, "-C", root.string]).status == .exited(0))
            try await body(root)
        }
    }

    /// What the container's own file says, read without the code that is under test.
    private func recordedWord(of id: String, below root: FilePath) throws -> String {
        let places: [(directory: String, name: String, key: String)] = [
            ("run/cc-oci-runtime", "state.json", "status"), ("run/runv", "state.json", "status"),
            ("run/virtcontainers/pods", "state.json", "state"), ("run/vc/sbs", "persist.json", "State"),
        ]
        for (directory, name, key) in places {
            let top = root.pushing(FilePath(directory))
            guard FileSystem.exists(top) else { continue }
            let parents = directory.hasSuffix("pods") || directory.hasSuffix("sbs") ? try FileSystem.list(top) : ["."]
            for parent in parents {
                let file = top.appending(parent).appending(id).appending(name)
                guard FileSystem.exists(file) else { continue }
                let object = try JSONSerialization.jsonObject(with: Data(try FileSystem.read(file))) as? [String: Any]
                return object?[key] as? String ?? ""
            }
        }
        Issue.record("no file says how \(id) is")
        return ""
    }
}

extension LegacyState {
    fileprivate init(word: String) {
        switch word {
        case "ready", "created": self = .ready
        case "running": self = .running
        case "paused": self = .paused
        case "stopped": self = .stopped
        default: self = .unclear(word)
        }
    }
}
