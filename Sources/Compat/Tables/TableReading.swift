// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// One pass over a TOML document as a program of the past read it, from the outer tables to the keys.
protocol TableReading {
    var source: SourceText { get }
    var statements: [LegacyStatement] { get set }
    var diagnostics: [Diagnostic] { get set }
    /// How it speaks of what it meets.
    var voice: TableVoice { get }
    /// Whether only the statements are wanted: findings take longer than all the rest.
    var isTrial: Bool { get }
}

/// The words and codes in which a dialect reports what its program made of a document.
struct TableVoice: Sendable {
    /// `cc-runtime refused the file`
    let refusal: String
    /// `cc-runtime read past it, so it had no effect`
    let passedOver: String
    let wrongType: DiagnosticCode
    let outOfRange: DiagnosticCode
    let unknownKey: DiagnosticCode
    let unknownTable: DiagnosticCode
}

extension TableReading {
    /// Everything that was read, in the order of the document.
    var inOrder: [LegacyStatement] {
        statements.enumerated().sorted { a, b in
            (a.element.range.start.offset, a.offset) < (b.element.range.start.offset, b.offset)
        }.map(\.element)
    }

    mutating func readValue(of entry: TOMLEntry, by rule: KeyRule) {
        switch rule.type.check(entry.value) {
        case .success(let value):
            statements.append(.setting(LegacySetting(rule: rule, value: value, keyRange: entry.keyRange, valueRange: entry.value.range)))
        case .failure(.otherType(let found)):
            refuse(rule.source, entry, voice.wrongType, "\(rule.source) must be \(rule.type.name), not \(found); \(voice.refusal)")
        case .failure(.outside(let bounds)):
            let message = "\(rule.source) must lie between \(bounds.lowerBound) and \(bounds.upperBound); \(voice.refusal)"
            refuse(rule.source, entry, voice.outOfRange, message)
        }
    }

    /// Nil, and refused, for what is no table.
    mutating func table(of entry: TOMLEntry, at path: [String]) -> TOMLTable? {
        if let table = entry.value.table { return table }
        let key = LegacyKey(path.dropLast(), path.last ?? entry.key)
        refuse(key, entry, voice.wrongType, "\(key) must be a table, not \(entry.value.typeName); \(voice.refusal)")
        return nil
    }

    /// A table of another hypervisor stays as it is.
    mutating func keep(_ table: TOMLTable, at path: [String]) {
        for entry in table.entries {
            if let inner = entry.value.table, inner.origin != .inline {
                keep(inner, at: path + [entry.key])
            } else {
                statements.append(.kept(LegacyKey(path, entry.key), TOMLEmission.Value(entry.value), entry.keyRange))
            }
        }
    }

    /// What the program read past.
    ///
    /// - Parameters:
    ///   - similar: names that may have been meant.
    ///   - note: in place of the usual one.
    mutating func stranger(_ key: LegacyKey, _ entry: TOMLEntry, similar: [String], note: String? = nil) {
        statements.append(.stranger(key, entry.keyRange))
        if isTrial { return }
        let isTable = entry.value.table != nil
        let name = isTable ? "table '\(key)'" : "key '\(key.name)'"
        report(
            isTable ? voice.unknownTable : voice.unknownKey, .warning, "unknown \(name)\(suggestion(for: key.name, in: similar))",
            entry.keyRange, notes: [note ?? voice.passedOver])
    }

    /// - Parameter place: nil for the value.
    mutating func refuse(
        _ key: LegacyKey, _ entry: TOMLEntry, _ code: DiagnosticCode, _ message: String, at place: SourceRange? = nil
    ) {
        statements.append(.refused(key, entry.keyRange))
        report(code, .error, message, place ?? entry.value.range)
    }

    mutating func report(
        _ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange?, notes: [String] = []
    ) {
        if isTrial { return }
        diagnostics.append(
            Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range, notes: notes))
    }
}
