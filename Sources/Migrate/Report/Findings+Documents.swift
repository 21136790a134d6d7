// SPDX-License-Identifier: Apache-2.0

package import Compat
internal import KataSystem
package import KataText
package import SystemPackage

// What reading the files of a command line reports.
extension Diagnostic {
    static func documentForeign(_ path: FilePath) -> Diagnostic {
        Diagnostic(severity: .note, code: "MIG021", message: "is no file of an old system, and is left out", path: path)
    }

    /// Nil where the runtime that a result is written for looks, and where no runtime does.
    package static func documentNeverRead(_ path: FilePath, by target: TargetDialect) -> Diagnostic? {
        guard !target.searchPaths.contains(path), Registry.targets.contains(where: { $0.searchPaths.contains(path) }) else { return nil }
        let places = target.searchPaths.map(\.string).joined(separator: ", ")
        return Diagnostic(
            severity: .warning, code: "MIG031", message: "is never read by \(target.title), which looks for \(places)", path: path)
    }

    static func documentUnreadable(_ path: FilePath, _ errno: Errno) -> Diagnostic {
        Diagnostic(severity: .error, code: "MIG022", message: "cannot be read: \(errno)", path: path)
    }

    static func documentKind(_ path: FilePath, _ kind: FileStatus.Kind) -> Diagnostic {
        Diagnostic(severity: .error, code: "MIG023", message: "is \(kind.title), not a file", path: path)
    }

    static func documentTooLarge(_ path: FilePath) -> Diagnostic {
        let limit = DocumentReading.limit >> 20
        return Diagnostic(severity: .error, code: "MIG024", message: "is larger than \(limit) MiB, so it is no configuration", path: path)
    }

    static func documentPassed(_ path: FilePath) -> Diagnostic {
        Diagnostic(severity: .note, code: "MIG025", message: "is no file, and is left out", path: path)
    }

    static func documentLinkPassed(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            severity: .note, code: "MIG025", message: "is a link to a directory, and is left out", path: path,
            notes: ["a directory that is named itself is looked into"])
    }

    static func documentLinkDangling(_ path: FilePath) -> Diagnostic {
        Diagnostic(severity: .note, code: "MIG025", message: "is a link that leads nowhere, and is left out", path: path)
    }

    static func findingsLeftOut(_ count: Int, of path: FilePath) -> Diagnostic {
        Diagnostic(severity: .note, code: "MIG030", message: "\(count) findings more are left out", path: path)
    }

    static func documentsTooMany(_ path: FilePath, most: Int) -> Diagnostic {
        Diagnostic(
            severity: .error, code: "MIG026", message: "not more than \(most) files are looked at; this one and what follows is not",
            path: path)
    }

    static func documentsTooDeep(_ path: FilePath, depth: Int) -> Diagnostic {
        Diagnostic(severity: .error, code: "MIG026", message: "lies deeper than \(depth) directories and is not looked into", path: path)
    }

    static func differsFromGolden(_ golden: FilePath, _ of: FilePath, _ lines: [String]) -> Diagnostic {
        Diagnostic(
            severity: .error, code: "MIG027", message: "is not what \(of.string) is converted to", path: golden,
            notes: Array(lines.prefix(40)) + (lines.count > 40 ? ["and \(lines.count - 40) lines more"] : []))
    }

    static func goldenMissing(_ golden: FilePath, _ of: FilePath) -> Diagnostic {
        Diagnostic(severity: .error, code: "MIG028", message: "is missing; \(of.string) is converted to it", path: golden)
    }

    static func goldenSurplus(_ golden: FilePath) -> Diagnostic {
        Diagnostic(severity: .error, code: "MIG029", message: "is what nothing is converted to", path: golden)
    }
}

extension FileStatus.Kind {
    /// With its article.
    fileprivate var title: String {
        switch self {
        case .file: "a file"
        case .directory: "a directory"
        case .symbolicLink: "a link"
        case .socket: "a socket"
        case .fifo: "a fifo"
        case .characterDevice, .blockDevice: "a device"
        }
    }
}
