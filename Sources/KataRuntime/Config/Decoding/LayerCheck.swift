// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// What can be said of one document by itself: unknown names and wrong types, even where a drop-in replaces the value.
struct LayerCheck {
    private let path: FilePath
    private(set) var diagnostics: [Diagnostic] = []

    init(_ document: TOMLDocument) {
        path = document.source.path
        for entry in document.root.entries {
            check(root: entry)
        }
    }

    private static let rootTables = ["hypervisor", "agent", "runtime", "factory"]

    private mutating func check(root entry: TOMLEntry) {
        if let retired = RetiredTable.all.first(where: { $0.name == entry.key }) {
            report(
                .warning, ConfigDiagnostics.retired, entry.keyRange,
                "[\(entry.key)] is ignored: Kata stopped reading it after \(retired.lastRelease)", [retired.reason])
            return
        }
        guard Self.rootTables.contains(entry.key) else {
            checkUnknown(root: entry)
            return
        }
        guard let table = entry.value.table else {
            mismatch(entry.key, TypeMismatch(found: entry.value.typeName, wanted: "table", range: entry.value.range))
            return
        }
        switch entry.key {
        case "hypervisor": check(hypervisors: table)
        case "agent": check(agents: table)
        default: ConfigTable(rawValue: entry.key).map { check(keys: table, of: $0) }
        }
    }

    private mutating func checkUnknown(root entry: TOMLEntry) {
        if entry.value.table != nil {
            let meant = suggestion(for: entry.key, in: Self.rootTables)
            report(.warning, ConfigDiagnostics.unknownTable, entry.keyRange, "unknown table [\(entry.key)]\(meant)")
        } else {
            report(
                .warning, ConfigDiagnostics.unknownKey, entry.keyRange, "unknown key '\(entry.key)' outside of all tables",
                Self.homes(of: entry.key, beside: nil))
        }
    }

    private mutating func check(hypervisors table: TOMLTable) {
        for entry in table.entries {
            if entry.key == "qemu" {
                check(table: entry, .hypervisor)
            } else if ForeignHypervisor(rawValue: entry.key) == nil {
                let known = ["qemu"] + ForeignHypervisor.allCases.map(\.rawValue)
                report(
                    .error, ConfigDiagnostics.unknownHypervisor, entry.keyRange,
                    "unknown hypervisor '\(entry.key)'\(suggestion(for: entry.key, in: known))")
            }
        }
    }

    private mutating func check(agents table: TOMLTable) {
        for entry in table.entries {
            if entry.key == "kata" {
                check(table: entry, .agent)
            } else {
                report(
                    .warning, ConfigDiagnostics.unknownTable, entry.keyRange,
                    "unknown table [agent.\(entry.key)]\(suggestion(for: entry.key, in: ["kata"]))", ["only [agent.kata] is read"])
            }
        }
    }

    private mutating func check(table entry: TOMLEntry, _ table: ConfigTable) {
        guard let keys = entry.value.table else {
            mismatch(table.rawValue, TypeMismatch(found: entry.value.typeName, wanted: "table", range: entry.value.range))
            return
        }
        check(keys: keys, of: table)
    }

    private mutating func check(keys: TOMLTable, of table: ConfigTable) {
        for entry in keys.entries {
            guard let key = table.key(named: entry.key) else {
                report(
                    .warning, ConfigDiagnostics.unknownKey, entry.keyRange,
                    "unknown key '\(entry.key)'\(suggestion(for: entry.key, in: table.keys.map(\.name)))",
                    Self.homes(of: entry.key, beside: table))
                continue
            }
            do throws(TypeMismatch) {
                _ = try key.type.read(entry.value)
                check(elementsOf: entry, key)
            } catch {
                mismatch(key.name, error)
            }
        }
    }

    /// Unknown names inside an array of tables.
    private mutating func check(elementsOf entry: TOMLEntry, _ key: ConfigKey) {
        guard case .tables(let names) = key.type else { return }
        for element in (entry.value.array ?? []).compactMap(\.table).flatMap(\.entries) where !names.contains(element.key) {
            report(
                .warning, ConfigDiagnostics.unknownKey, element.keyRange,
                "unknown key '\(element.key)'\(suggestion(for: element.key, in: names))")
        }
    }

    /// Where a misplaced key belongs.
    private static func homes(of name: String, beside table: ConfigTable?) -> [String] {
        ConfigTable.allCases.filter { $0 != table && $0.key(named: name) != nil }.map { "'\(name)' is a key of [\($0.rawValue)]" }
    }

    private mutating func mismatch(_ name: String, _ mismatch: TypeMismatch) {
        let subject = mismatch.isElement ? "each element of '\(name)'" : "'\(name)'"
        report(
            .error, ConfigDiagnostics.wrongType, mismatch.range,
            "\(subject) must be \(mismatch.wanted.withArticle), not \(mismatch.found)")
    }

    private mutating func report(
        _ severity: Severity, _ code: DiagnosticCode, _ range: SourceRange, _ message: String, _ notes: [String] = []
    ) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: path, range: range, notes: notes))
    }
}

extension String {
    /// `an integer`, `a string`.
    var withArticle: String {
        guard let first = unicodeScalars.first else { return self }
        return ("aeio".unicodeScalars.contains(first) ? "an " : "a ") + self
    }
}
