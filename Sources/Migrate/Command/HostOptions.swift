// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KataSystem
internal import Migrate
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
