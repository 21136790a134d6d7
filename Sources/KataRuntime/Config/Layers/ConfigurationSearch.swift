// SPDX-License-Identifier: Apache-2.0
internal import KataSystem
public import SystemPackage

/// Where the unified configuration is looked for.
public struct ConfigurationSearch: Sendable, Equatable {
    /// The administrator's file, then the package's.
    public static let standardPaths: [FilePath] = [
        "/etc/kata-containers/configuration.toml", "/usr/share/defaults/kata-containers/configuration.toml",
    ]

    /// The environment variable that names the file.
    public static let environmentVariable = "KATA_CONF_FILE"

    /// Tried in this order; the first that leads to a file is used, even when that file is bad.
    public let candidates: [FilePath]

    /// What was said explicitly wins and leaves no fallback: `path`, then the environment variable, then the standard paths.
    public init(path: FilePath?, environment: [String: String], standardPaths: [FilePath] = Self.standardPaths) {
        if let path {
            candidates = [path]
        } else if let named = environment[Self.environmentVariable], !named.isEmpty {
            candidates = [FilePath(named)]
        } else {
            candidates = standardPaths
        }
    }

    /// What was found.
    enum Finding {
        /// As named, and what its links lead to.
        case file(named: FilePath, resolved: FilePath)
        /// Each candidate with why it was passed over.
        case nothing([(path: FilePath, reason: String)])
    }

    /// Whether one of the candidates is a file.
    public var findsFile: Bool { if case .file = locate() { true } else { false } }

    func locate() -> Finding {
        var passed: [(path: FilePath, reason: String)] = []
        for candidate in candidates {
            do throws(SystemError) {
                switch try FileSystem.targetStatus(candidate)?.kind {
                case nil: passed.append((candidate, "no such file"))
                case .directory: passed.append((candidate, "is a directory"))
                default: return .file(named: candidate, resolved: try Self.followingLinks(candidate))
                }
            } catch {
                passed.append((candidate, errorChain(error)))
            }
        }
        return .nothing(passed)
    }

    /// The path behind the links of the last component, because drop-ins stand beside the file itself, as in Kata.
    private static func followingLinks(_ path: FilePath) throws(SystemError) -> FilePath {
        var path = path
        // stat has succeeded on it, so the kernel's own limit of 40 links holds; a changed link costs no endless loop.
        for _ in 0..<40 {
            guard try FileSystem.status(path)?.kind == .symbolicLink else { break }
            path = path.removingLastComponent().pushing(FilePath(try FileSystem.readLink(path)))
        }
        return path
    }
}
