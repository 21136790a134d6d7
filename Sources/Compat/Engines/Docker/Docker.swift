// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

/// How docker is told of runtimes: by `daemon.json`, and by the command line in its systemd unit and drop-ins.
public enum Docker {
    /// What all files together register; what keeps dockerd from starting is reported.
    ///
    /// - Parameters:
    ///   - daemonJSON: `daemon.json`, if there is one.
    ///   - units: `docker.service` and its drop-ins in the order in which systemd reads them.
    public static func registrations(daemonJSON: SourceText?, units: [SourceText]) -> Parsed<EngineRegistrations> {
        let fromUnits = parseUnits(units)
        guard let daemonJSON else { return fromUnits }
        let fromFile = parseDaemonFile(daemonJSON)
        let (file, unit) = (fromFile.partial ?? .none, fromUnits.partial ?? .none)
        let joined = EngineRegistrations(
            registrations: file.registrations + unit.registrations, defaults: file.defaults + unit.defaults
        ).withDefaultMarked()
        // What one file says of the default cannot be judged before the other is known.
        let found = (fromFile.diagnostics + fromUnits.diagnostics).filter { $0.code != .unregistered }
        return Parsed(value: joined, diagnostics: found + conflicts(file, unit) + unregistered(joined))
    }

    /// dockerd refuses an option that the file and the command line both give, even when both say the same.
    private static func conflicts(_ file: EngineRegistrations, _ units: EngineRegistrations) -> [Diagnostic] {
        func conflict(_ what: String, _ path: FilePath, _ range: SourceRange, _ other: FilePath, _ line: Int) -> Diagnostic {
            let message = "\(what) given here and by \(other.string):\(line); dockerd refuses to start with both"
            return Diagnostic(severity: .warning, code: .conflict, message: message, path: path, range: range)
        }
        var found: [Diagnostic] = []
        if let here = file.registrations.first, let there = units.registrations.first {
            found.append(conflict("runtimes are", here.file, here.range, there.file, there.range.start.line))
        }
        if let here = file.defaults.first, let there = units.defaults.first {
            found.append(conflict("the default runtime is", here.file, here.range, there.file, there.range.start.line))
        }
        return found
    }

    /// dockerd refuses a default that is neither built in nor registered.
    static func unregistered(_ all: EngineRegistrations) -> [Diagnostic] {
        let names = all.registrations.map(\.runtimeName)
        guard let choice = all.defaults.last, choice.runtimeName != "runc", !names.contains(choice.runtimeName) else { return [] }
        let hint = suggestion(for: choice.runtimeName, in: names)
        let message = "the default runtime '\(choice.runtimeName)' is registered nowhere\(hint)"
        return [Diagnostic(severity: .warning, code: .unregistered, message: message, path: choice.file, range: choice.range)]
    }
}

extension EngineRegistrations {
    static let none = EngineRegistrations(registrations: [], defaults: [])

    func withDefaultMarked() -> EngineRegistrations {
        let name = defaults.last?.runtimeName
        return EngineRegistrations(registrations: registrations.map { $0.asDefault($0.runtimeName == name) }, defaults: defaults)
    }
}
