// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// What can be said of each effective value by itself: whether it is allowed, and whether it does anything.
struct ValueCheck {
    private(set) var diagnostics: [Diagnostic] = []

    init(_ values: EffectiveValues) {
        for effective in values.all {
            guard let origin = effective.origin else { continue }
            check(effective, origin)
        }
    }

    private mutating func check(_ effective: EffectiveValue, _ origin: ValueOrigin) {
        let key = effective.key
        switch key.availability {
        case .built:
            checkAllowed(effective)
        case .partly(let built, let othersRefused):
            guard case .stated = effective.source, let value = effective.value else { return }
            guard checkAllowed(effective), !built.contains(value) else { return }
            reportUnbuilt(key, value, origin, built: built, refused: othersRefused)
        case .unbuilt:
            reportUnbuilt(effective, origin)
        case .foreign(let hypervisors):
            let names = hypervisors.map(\.title).joined(separator: ", ")
            report(.warning, ConfigDiagnostics.foreignKey, origin, "'\(key.name)' is ignored: it is for \(names), not for QEMU")
        case .retired(let release, let instead):
            let notes = instead.map { ["use '\($0)' instead"] } ?? []
            report(
                .warning, ConfigDiagnostics.retired, origin, "'\(key.name)' is ignored: Kata stopped reading it after \(release)", notes)
        }
    }

    /// Whether the value is one that the key allows.
    @discardableResult
    private mutating func checkAllowed(_ effective: EffectiveValue) -> Bool {
        guard case .stated(let origin) = effective.source, let value = effective.value else { return true }
        let key = effective.key
        guard let problem = key.type.problem(with: value) else { return true }
        var notes: [String] = []
        if case .string(let text) = value, let hint = key.hints[text] { notes = [hint] }
        if case .partly(let built, _) = key.availability { notes.append(Self.list(built)) }
        diagnostics.append(
            Diagnostic(
                severity: .error, code: ConfigDiagnostics.notAllowed, message: "'\(key.name)' \(problem)", path: origin.path,
                range: origin.valueRange, notes: notes))
        return false
    }

    private static func list(_ built: [ConfigValue]) -> String {
        "built: " + built.map(\.tomlText).joined(separator: ", ")
    }

    private mutating func reportUnbuilt(
        _ key: ConfigKey, _ value: ConfigValue, _ origin: ValueOrigin, built: [ConfigValue], refused: Bool
    ) {
        let assignment = "\(key.name) = \(value.tomlText)"
        let instead = Self.list(built)
        if refused {
            diagnostics.append(
                Diagnostic(
                    severity: .error, code: ConfigDiagnostics.unbuiltValue, message: "\(assignment) is not built yet",
                    path: origin.path, range: origin.valueRange, notes: [instead]))
        } else if value.isNeutral, value == key.defaultValue {
            report(.note, ConfigDiagnostics.unbuiltNeutral, origin, "'\(key.name)' is not built yet; \(value.tomlText) does not ask for it")
        } else {
            report(.warning, ConfigDiagnostics.unbuilt, origin, "\(assignment) is not built yet: ignored", [instead])
        }
    }

    private mutating func reportUnbuilt(_ effective: EffectiveValue, _ origin: ValueOrigin) {
        let name = effective.key.name
        if case .stated = effective.source, let value = effective.value, !value.leavesFeatureOff {
            report(.warning, ConfigDiagnostics.unbuilt, origin, "'\(name)' is not built yet: ignored")
        } else {
            report(.note, ConfigDiagnostics.unbuiltNeutral, origin, "'\(name)' is not built yet; this value does not ask for it")
        }
    }

    private mutating func report(
        _ severity: Severity, _ code: DiagnosticCode, _ origin: ValueOrigin, _ message: String, _ notes: [String] = []
    ) {
        diagnostics.append(
            Diagnostic(severity: severity, code: code, message: message, path: origin.path, range: origin.keyRange, notes: notes))
    }
}

extension ConfigValue {
    /// `no-port` is how the VFIO keys spell "off".
    fileprivate var leavesFeatureOff: Bool { isNeutral || self == .string("no-port") }
}

extension ConfigType {
    /// Why the value is not allowed, as the end of a sentence that begins with the key; nil when it is.
    func problem(with value: ConfigValue) -> String? {
        let limit = constraint ?? typeName
        switch (self, value) {
        case (.path, .string(let text)):
            if text.unicodeScalars.contains("\0") { return "must not contain a NUL character" }
            return text.hasPrefix("/") ? nil : "must be \(limit), not \(value.tomlText)"
        case (.string, .string(let text)):
            // Such text ends up in argument lists, which NUL would cut.
            return text.unicodeScalars.contains("\0") ? "must not contain a NUL character" : nil
        case (.strings, .strings(let list)):
            return list.contains { $0.unicodeScalars.contains("\0") } ? "must not contain a NUL character" : nil
        case (.choice(let allowed), .string(let text)):
            if allowed.contains(text) { return nil }
            return "must be \(limit), not \(value.tomlText)\(suggestion(for: text, in: allowed))"
        case (.integer(let range, _), .integer(let number)):
            return range.contains(number) ? nil : "must be \(limit), not \(number)"
        case (.number(let range, _), .number(let number)):
            return range.contains(number) ? nil : "must be \(limit), not \(value.tomlText)"
        default:
            return nil
        }
    }
}
