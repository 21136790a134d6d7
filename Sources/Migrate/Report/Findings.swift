// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText
internal import SystemPackage

// What a scan reports. The codes and their explanations are in MigrationCodes.swift.
extension Diagnostic {
    static func unreadable(_ path: FilePath, _ error: SystemError) -> Diagnostic {
        Diagnostic(severity: .warning, code: "MIG001", message: "cannot read: \(error.errno)", path: path)
    }

    static func unexpectedKind(_ path: FilePath, _ kind: Observation.Kind, wanted: Observation.Kind) -> Diagnostic {
        Diagnostic(severity: .warning, code: "MIG002", message: "is a \(kind.rawValue), a \(wanted.rawValue) was expected", path: path)
    }

    static func unknownFacts(_ facts: [String], why: String) -> Diagnostic {
        Diagnostic(
            severity: .note, code: "MIG003", message: "not known: \(facts.joined(separator: ", ")); \(why)",
            notes: ["a saved listing is taken with --host-facts DIR"])
    }

    static func malformedFact(_ path: FilePath, line: Int) -> Diagnostic {
        Diagnostic(severity: .warning, code: "MIG004", message: "line \(line) cannot be read and is left out", path: path)
    }

    static func deadConfiguration(_ path: FilePath, version: String, used: FilePath) -> Diagnostic {
        Diagnostic(
            severity: .warning, code: "MIG005", message: "the packaged cc-runtime \(version) never read this file", path: path,
            notes: ["it was built to look for \(used) only; that one is taken"])
    }

    static func malformedEngineRecord(_ path: FilePath, _ reason: String) -> Diagnostic {
        Diagnostic(severity: .warning, code: "MIG007", message: "docker's record of a container cannot be read: \(reason)", path: path)
    }

    static func hiddenExecutables(_ count: Int) -> Diagnostic {
        Diagnostic(
            severity: .warning, code: "MIG008",
            message: "hidden executables: \(count); such processes are judged by their command lines")
    }

    static func unreadPackages(_ path: FilePath, _ why: String) -> Diagnostic {
        Diagnostic(severity: .warning, code: "MIG040", message: "holds packages that cannot be read: \(why)", path: path)
    }

    static func unknownDialect(_ source: SourceText) -> Diagnostic {
        Diagnostic(
            severity: .error, code: "MIG020", message: "is not recognised as a configuration of an old system", path: source.path,
            notes: ["'kata-migrate dialects' lists what can be read; --from names one"])
    }
}
