// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataSystem
internal import KataText
internal import SystemPackage

/// What a look at a migrated host found.
package struct VerificationFinding: Sendable, Hashable {
    package enum Verdict: String, Sendable { case passed, failed, unknown = "not tried" }

    package let what: String
    package let verdict: Verdict
    /// What was seen; what to do about it when it failed.
    package let detail: String

    package var isFailed: Bool { verdict == .failed }
}

/// Whether a migrated host does what the migration promised.
struct Verification {
    private let journal: Journal
    private let host: any Host
    private let guide: MigrationGuide
    private let layout: TargetLayout

    init(_ journal: Journal, on host: any Host, _ guide: MigrationGuide) {
        self.journal = journal
        self.host = host
        self.guide = guide
        layout = TargetLayout(prefix: FilePath(journal.undertaking.prefix))
    }

    func findings() -> [VerificationFinding] {
        let parts: [(title: String, look: () -> [VerificationFinding])] = [
            ("look at the files", files), ("boot a sandbox that is thrown away", { [sandbox()] }),
            ("ask for the moved sandboxes", movedSandboxes), ("ask the engines", engines),
        ]
        return parts.enumerated().flatMap { index, part in
            guide.report(.task(index + 1, of: parts.count, title: part.title))
            return part.look()
        }
    }

    private func attempt(_ what: String, _ body: () throws -> VerificationFinding) -> VerificationFinding {
        do {
            return try body()
        } catch let error as any FaultyError {
            return VerificationFinding(what: what, verdict: .failed, detail: errorChain(error))
        } catch {
            return VerificationFinding(what: what, verdict: .failed, detail: "\(error)")
        }
    }

    /// Every file is as the migration left it.
    private func files() -> [VerificationFinding] {
        journal.undertaking.operations.enumerated().compactMap { number, operation in
            guard journal.state.begun[number] != nil else { return nil }
            if case .keep(let path) = operation { return attempt(operation.title) { try findingOfKept(FilePath(path), operation.title) } }
            guard let path = operation.path else { return nil }
            return attempt(operation.title) {
                switch operation {
                case .create(_, let content, _), .replace(_, let content, _, _):
                    if let gone = try findingOfGoneRecord(path, operation.title) { return gone }
                    let isOurs = try host.bytes(of: try host.resolved(path)) == journal.content(content)
                    return VerificationFinding(
                        what: operation.title, verdict: isOurs ? .passed : .failed,
                        detail: isOurs ? "is as it was written" : "was changed since; compare it with 'kata-migrate show --diff'")
                case .check, .moveAway, .keep, .act:
                    let isGone = try host.node(at: path) == nil
                    let isSucceeded = try !isGone && host.isOfNewRuntime(path)
                    return VerificationFinding(
                        what: operation.title, verdict: isGone || isSucceeded ? .passed : .failed,
                        detail: isGone
                            ? "is in the backup"
                            : isSucceeded
                                ? "is in the backup, and the new runtime has a container there"
                                : "is there again: something of the old system still runs")
                }
            }
        }
    }

    /// A restart of the host clears /run, and nobody misses what is gone from there.
    private func findingOfKept(_ path: FilePath, _ what: String) throws(SystemError) -> VerificationFinding {
        guard try host.node(at: path) != nil else { return VerificationFinding(what: what, verdict: .passed, detail: "is gone already") }
        let isSame = try host.isRemainder(path, of: journal.backup(of: path))
        return VerificationFinding(
            what: what, verdict: isSame ? .passed : .failed,
            detail: isSame
                ? "stays as it was until 'kata-migrate forget'"
                : "was changed since: something of the old system uses it, and 'kata-migrate forget' will leave it")
    }

    /// What became of a moved container whose record is gone; nil for any other path, and for one that is there.
    private func findingOfGoneRecord(_ path: FilePath, _ what: String) throws(SystemError) -> VerificationFinding? {
        guard let id = movedContainer(path), try host.node(at: path) == nil else { return nil }
        func finding(_ verdict: VerificationFinding.Verdict, _ detail: String) -> VerificationFinding {
            VerificationFinding(what: what, verdict: verdict, detail: detail)
        }
        if host.isCopy { return finding(.unknown, "is gone; nothing runs in a copied tree that could say whether it was deleted") }
        return try host.ask([layout.runtime.string, "state", id]).isOfUnknownContainer
            ? finding(.passed, "its container was deleted since") : finding(.failed, "is gone, and its container is not")
    }

    /// The name of the container whose record a path is in.
    private func movedContainer(_ path: FilePath) -> String? {
        path.starts(with: layout.coldRecords) ? path.removingLastComponent().lastComponent?.string : nil
    }

    /// A container of one bind mount boots, runs the runtime's own program and ends.
    private func sandbox() -> VerificationFinding {
        let what = "a sandbox boots"
        guard !host.isCopy else { return VerificationFinding(what: what, verdict: .unknown, detail: "nothing runs in a copied tree") }
        let place = journal.directory.appending("verify")
        let finding = attempt(what) {
            try host.removeTree(place)
            try host.makeDirectories(to: place.appending("rootfs"), like: FileAttributes(mode: 0o755))
            try host.perform(
                .write(place.appending("config.json"), Array(Self.specification(layout.runtime).utf8), FileAttributes(mode: 0o600)))
            let result = try host.ask([layout.runtime.string, "run", "--bundle", place.string, "kata-migrate-verify"])
            let said = result.said
            let isGood = result.status == 0 && said.contains("kata-runtime")
            return VerificationFinding(
                what: what, verdict: isGood ? .passed : .failed,
                detail: isGood ? "a program ran in it" : "status \(result.status): \(said); 'kata-runtime check' says what the host lacks")
        }
        _ = try? host.removeTree(place)  // below our own directory, and made anew by the next verification
        return finding
    }

    /// The smallest that the runtime takes: its own static program, bound into an empty root.
    private static func specification(_ runtime: FilePath) -> String {
        ReportValue.object([
            "ociVersion": .string("1.0.2"), "root": .object(["path": .string("rootfs")]), "hostname": .string("verify"),
            "process": .object([
                "cwd": .string("/"), "args": .array([.string("/runtime"), .string("--version")]),
                "user": .object(["uid": .integer(0), "gid": .integer(0)]),
            ]),
            "mounts": .array([
                // Device nodes cannot be made in a root that is shared over 9p.
                .object(["destination": .string("/dev"), "type": .string("tmpfs"), "source": .string("tmpfs")]),
                .object(["destination": .string("/proc"), "type": .string("proc"), "source": .string("proc")]),
                .object([
                    "destination": .string("/runtime"), "type": .string("bind"), "source": .path(runtime),
                    "options": .array([.string("bind"), .string("ro")]),
                ]),
            ]),
            "linux": .object(["namespaces": .list(["pid", "mount", "ipc", "uts", "network"]) { .object(["type": .string($0)]) }]),
        ]).rendered
    }

    private func movedSandboxes() -> [VerificationFinding] {
        let moved = journal.undertaking.operations.compactMap { operation -> (id: String, content: Int)? in
            guard case .create(let path, let content, _) = operation, let id = movedContainer(FilePath(path)),
                FilePath(path).lastComponent?.string == "record.json"
            else { return nil }
            return (id, content)
        }
        return moved.map { id, content in
            let what = "sandbox \(id.abbreviated) answers"
            guard !host.isCopy else { return VerificationFinding(what: what, verdict: .unknown, detail: "nothing runs in a copied tree") }
            return attempt(what) {
                let result = try host.ask([layout.runtime.string, "state", id])
                if result.isOfUnknownContainer, try host.node(at: layout.coldRecords.appending(id)) == nil {
                    return VerificationFinding(what: what, verdict: .passed, detail: "it was deleted since")
                }
                let state = JSONDocument.parse(SourceText(path: "state", bytes: result.output)).value?.root
                guard result.status == 0, let state, let status = state["status"]?.string else {
                    return VerificationFinding(what: what, verdict: .failed, detail: result.words)
                }
                let record = JSONDocument.parse(SourceText(path: "record.json", bytes: try journal.content(content))).value?.root
                guard let ended = record?["exitStatus"]?.integer else {
                    return VerificationFinding(what: what, verdict: .passed, detail: "it is \(status)")
                }
                let isKept = status == "stopped" && state["exitStatus"]?.integer == ended
                return VerificationFinding(
                    what: what, verdict: isKept ? .passed : .failed,
                    detail: isKept
                        ? "it is stopped, and ended with \(ended)" : "it ended with \(ended), and is said to be \(status)")
            }
        }
    }

    /// What engines say of the runtimes that they were told of.
    private func engines() -> [VerificationFinding] {
        Engine.allCases.flatMap(verify) + [kubelet()].compactMap(\.self)
    }

    private func verify(_ engine: Engine) -> [VerificationFinding] {
        guard let task = journal.undertaking.tasks.first(where: { $0.id == Step.ID.registration(engine).rawValue }) else { return [] }
        let what = "\(engine.rawValue) knows the new runtime"
        guard !host.isCopy else { return [VerificationFinding(what: what, verdict: .unknown, detail: "nothing runs in a copied tree")] }
        do {
            let files = try task.operations.compactMap { operation -> SourceText? in
                guard case .replace(let path, let content, _, _) = operation else { return nil }
                return SourceText(path: FilePath(path), bytes: try journal.content(content))
            }
            let wasRestarted = journal.undertaking.tasks.contains { $0.id == Step.ID.restart(engine).rawValue }
            let endpoint = journal.undertaking.endpoints?[engine.rawValue]
            return EngineVerification(engine, wrote: files, by: layout, wasRestarted: wasRestarted, at: endpoint, on: host)?.findings()
                ?? [VerificationFinding(what: what, verdict: .unknown, detail: "nothing that was written names it")]
        } catch {
            return [VerificationFinding(what: what, verdict: .unknown, detail: "\(error)")]
        }
    }

    /// Whether the kubelet, which slept during the migration, serves its node again; nil when it did not sleep.
    private func kubelet() -> VerificationFinding? {
        guard journal.undertaking.tasks.contains(where: { $0.id == Step.ID.kubeletRelease.rawValue }) else { return nil }
        return host.isCopy
            ? VerificationFinding(what: KubeletHealth.what, verdict: .unknown, detail: "nothing runs in a copied tree")
            : KubeletHealth(host: host).finding()
    }
}
