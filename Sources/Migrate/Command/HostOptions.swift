// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KataSystem
internal import KataText
internal import Migrate
internal import Synchronization
internal import SystemPackage

/// Which host is looked at.
struct HostOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Look at a copied tree instead of this machine.", valueName: "dir"))
    var root = "/"

    @Option(
        help: ArgumentHelp(
            "What ran on the host of the copied tree: processes.txt, mounts.txt, sockets.txt, units.txt, links.txt, cgroups.txt, hardware.txt.",
            valueName: "dir"))
    var hostFacts: String?

    /// What there is on it of old runtimes.
    func scan() throws -> HostScan {
        let line = ProgressLine()
        defer { line.clear() }
        return HostScan(of: try view(), progress: line.progress)
    }

    func view() throws -> HostView {
        let facts: HostFacts
        if let hostFacts {
            guard try FileSystem.targetStatus(FilePath(hostFacts))?.kind == .directory else {
                throw CommandError.noFacts(FilePath(hostFacts))
            }
            facts = .saved(in: FilePath(hostFacts))
        } else {
            facts = root == "/" ? .live() : .unknown
        }
        return try HostView(root: FilePath(root), facts: facts)
    }
}

/// A line of a terminal that says how far a reading is; nothing where there is no terminal.
final class ProgressLine: Sendable {
    private struct State {
        var clock = ReadingClock()
        var isThere = false
    }

    private let state = Mutex(State())
    private let columns = StandardStream.error.isTerminal ? StandardStream.error.columns ?? 80 : nil

    var progress: ReadingProgress {
        guard let columns else { return .silent }
        return ReadingProgress { [self] part in
            state.withLock { state in
                guard let line = state.clock.line(part) else { return }
                state.isThere = true
                print(String(line.printable.prefix(columns - 1)))
            }
        }
    }

    func clear() {
        if state.withLock(\.isThere) { print("") }
    }

    /// A courtesy: a terminal that has gone does not end a reading.
    private func print(_ line: String) { _ = try? StandardStream.error.write("\r\u{1B}[K" + line) }
}

/// What a command line asks for and the host refuses.
enum CommandError: FaultyError {
    case noFacts(FilePath)
    case noLegacyConfiguration(root: FilePath, looked: [FilePath])
    case occupied(FilePath)
    case noTicket(String)
    case unconfirmed
    case declined
    case unknownDialect(String, known: [String])
    case untranslatable(FilePath)

    var fault: Fault { .user }

    var description: String {
        switch self {
        case .noFacts(let path): "read host facts from '\(path)': there is no such directory"
        case .noLegacyConfiguration(let root, let looked):
            "find an old configuration below '\(root)': there is none at \(looked.map(\.string).joined(separator: ", ")); "
                + "name the file: kata-migrate convert FILE"
        case .occupied(let path): "write '\(path)': there is a file already; --force replaces it"
        case .noTicket(let id): "report migration \(id): an older kata-migrate began it; 'kata-migrate show \(id)' prints its plan"
        case .unconfirmed: "change the host without asking: there is no terminal to ask on; --yes says that it is meant"
        case .declined: "nothing was changed"
        case .unknownDialect(let name, let known): "read dialect '\(name)': the dialects are \(known.joined(separator: ", "))"
        case .untranslatable(let path): "convert '\(path)': nothing is written because of its errors"
        }
    }
}
