// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import KataConfig
internal import SystemPackage

extension ClearContainersV2 {
    /// Reads one file as cc-oci-runtime did, told from the others by its name or else by what it holds.
    ///
    /// - Parameter releases: what may have run on the host; it decides what was packaged.
    public static func parse(_ source: SourceText, releases: ClosedRange<Release> = releases) -> Parsed<Document> {
        guard let part = part(of: source) else {
            let message =
                "neither vm.json, hypervisor.args, kernel-cmdline, cc-oci-runtime.sh.cfg nor a bundle's configuration with a \"vm\""
            return Parsed(
                value: nil, diagnostics: [Diagnostic(severity: .error, code: .cc2OtherFile, message: message, path: source.path)])
        }
        var reading = V2Reading(source: source, releases: releases)
        switch part {
        case .bundle, .machine: reading.readMachine(isBundle: part == .bundle)
        case .arguments: reading.readArguments()
        case .kernelLine: reading.readKernelLine()
        case .flags: reading.readFlags()
        }
        let document = Document(source: source, part: part, statements: reading.statements)
        return Parsed(value: document, diagnostics: reading.diagnostics)
    }
}

/// One pass over a file of the system.
struct V2Reading {
    let source: SourceText
    let releases: ClosedRange<Release>
    var statements: [LegacyStatement] = []
    var diagnostics: [Diagnostic] = []

    init(source: SourceText, releases: ClosedRange<Release>) {
        self.source = source
        self.releases = releases
    }

    mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange? = nil, notes: [String] = [])
    {
        diagnostics.append(
            Diagnostic(severity: severity, code: code, message: message, path: source.path, range: range, notes: notes))
    }

    /// A key that has a rule.
    mutating func set(_ key: LegacyKey, _ value: ConfigValue, _ keyRange: SourceRange, _ valueRange: SourceRange) {
        guard let setting = setting(key, value, keyRange, valueRange) else { return }
        statements.append(.setting(setting))
    }

    /// A key whose value the packages have too.
    mutating func setPackaged(_ key: LegacyKey, _ value: ConfigValue, _ keyRange: SourceRange, _ valueRange: SourceRange) {
        guard let setting = setting(key, value, keyRange, valueRange) else { return }
        statements.append(.packaged(setting, reason: "as packaged, so the runtime's own arrangement takes its place"))
    }

    func setting(_ key: LegacyKey, _ value: ConfigValue, _ keyRange: SourceRange, _ valueRange: SourceRange) -> LegacySetting? {
        let rule = ClearContainersV2.rule(of: key) ?? ClearContainersV2.ruleForOther(key)
        return LegacySetting(rule: rule, value: value, keyRange: keyRange, valueRange: valueRange)
    }

    mutating func refuse(_ key: LegacyKey, _ range: SourceRange, _ code: DiagnosticCode, _ message: String) {
        statements.append(.refused(key, range))
        report(code, .error, message, range)
    }

    /// The program read bytes; whatever is no UTF-8 shows as the replacement character in what is said of it.
    mutating func checkText() {
        if source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            report(.cc2Bytes, .warning, "the file begins with a byte order mark, which became a part of its first word")
        }
        if let place = source.bytes.firstIndex(of: 0) {
            let range = SourceRange(at: source.position(at: place))
            report(.cc2Bytes, .warning, "the file has a null byte, which ends a text in C", range)
        } else if String(validating: source.bytes, as: UTF8.self) == nil {
            report(.cc2Bytes, .warning, "the file is not UTF-8; bytes that form no character are shown as \u{FFFD}")
        }
    }
}

// vm.json and the bundle's "vm".
extension V2Reading {
    mutating func readMachine(isBundle: Bool) {
        let json = readJSON()
        guard let root = json?.root else { return }
        guard let member = root.member("vm") else {
            // A bundle without the object uses vm.json.
            if !isBundle { report(.cc2NoMachine, .error, "no object \"vm\"; cc-oci-runtime started no container", root.range) }
            return
        }
        if !isBundle { readStrangers(root, known: ["vm"], table: []) }
        let vm = member.value
        guard vm.object != nil else {
            refuse(LegacyKey([], "vm"), vm.range, .cc2WrongType, "vm must be an object, not \(vm.typeName)")
            return
        }
        readStrangers(vm, known: ["path", "image", "kernel"], table: ["vm"])
        for name in ["path", "image"] { readFile(LegacyKey(["vm"], name), in: vm) }
        let kernel = vm["kernel"]
        if let kernel, kernel.object == nil {
            refuse(LegacyKey(["vm"], "kernel"), kernel.range, .cc2WrongType, "vm.kernel must be an object, not \(kernel.typeName)")
            return
        }
        if let kernel { readStrangers(kernel, known: ["path", "parameters"], table: ["vm", "kernel"]) }
        readFile(LegacyKey(["vm", "kernel"], "path"), in: kernel ?? vm, isThere: kernel != nil)
        if let parameters = kernel?.member("parameters"), let text = text(of: parameters, LegacyKey(["vm", "kernel"], "parameters")) {
            readParameters(text, parameters)
        }
        statements.sort { $0.range.start < $1.range.start }
    }

    /// json-glib passed over comments, which no JSON has; they give way to blanks, so that all places stay.
    private mutating func readJSON() -> JSONDocument? {
        let strict = JSONDocument.parse(source)
        guard strict.hasErrors else {
            diagnostics += strict.diagnostics
            return strict.partial
        }
        let bare = SourceText(path: source.path, bytes: Self.withoutComments(source.bytes))
        let lenient = JSONDocument.parse(bare)
        guard !lenient.hasErrors else {
            diagnostics += strict.diagnostics
            return nil
        }
        report(.cc2Comment, .warning, "the file has comments, which cc-oci-runtime passed over and JSON does not know")
        diagnostics += lenient.diagnostics
        return lenient.partial
    }

    static func withoutComments(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        var index = 0
        var isString = false
        func isAt(_ text: StaticString) -> Bool {
            index + 1 < bytes.count && bytes[index] == text.utf8Start[0] && bytes[index + 1] == text.utf8Start[1]
        }
        while index < bytes.count {
            if isString {
                if bytes[index] == UInt8(ascii: "\\") { index += 1 } else if bytes[index] == UInt8(ascii: "\"") { isString = false }
                index += 1
            } else if isAt("//") || isAt("/*") {
                let isBlock = isAt("/*")
                let start = index
                index += 2
                while index < bytes.count, isBlock ? !isAt("*/") : bytes[index] != 0x0A { index += 1 }
                if isBlock { index = min(index + 2, bytes.count) }
                for place in start..<index where bytes[place] != 0x0A { result[place] = 0x20 }
            } else {
                isString = bytes[index] == UInt8(ascii: "\"")
                index += 1
            }
        }
        return result
    }

    private mutating func readStrangers(_ object: JSONValue, known: [String], table: [String]) {
        for member in object.object ?? [] where !known.contains(member.key) {
            statements.append(.stranger(LegacyKey(table, member.key), member.keyRange))
            report(
                .cc2UnknownKey, .warning, "unknown key '\(LegacyKey(table, member.key))'\(suggestion(for: member.key, in: known))",
                member.keyRange, notes: ["cc-oci-runtime read past it, so it had no effect"])
        }
    }

    private mutating func readFile(_ key: LegacyKey, in object: JSONValue, isThere: Bool = true) {
        guard isThere, let member = object.member(key.name) else {
            report(.cc2Missing, .error, "\(key) is missing; cc-oci-runtime started no container without it", object.range)
            return
        }
        if let text = text(of: member, key) { set(key, .string(text), member.keyRange, member.value.range) }
    }

    /// The program kept every scalar as text.
    private mutating func text(of member: JSONMember, _ key: LegacyKey) -> String? {
        let text: String
        switch member.value.kind {
        case .string(let value): return value
        case .number(let value): text = value
        case .bool(let value): text = value ? "true" : "false"
        case .null, .array, .object:
            refuse(key, member.value.range, .cc2WrongType, "\(key) must be a string, not \(member.value.typeName)")
            return nil
        }
        report(
            .cc2Scalar, .note, "\(key) is \(member.value.typeName), which cc-oci-runtime took for the text '\(text)'", member.value.range)
        return text
    }

    private mutating func readParameters(_ text: String, _ member: JSONMember) {
        let key = LegacyKey(["vm", "kernel"], "parameters")
        let chosen = chosenWords(of: text, member.value.range)
        if chosen.isEmpty {
            setPackaged(key, .string(text), member.keyRange, member.value.range)
        } else {
            set(key, .string(chosen.joined(separator: " ")), member.keyRange, member.value.range)
        }
    }

    /// The words that the packaged line has not; what it has more is reported. All of them, when the text was not made from that line.
    mutating func chosenWords(of text: String, _ range: SourceRange) -> [String] {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let line = ClearContainersV2.kernelLine(nearest: words, in: releases) else { return words }
        let given = Set(words)
        let removed = line.words.filter { !given.contains($0) }
        guard removed.count * 2 < line.words.count else { return words }
        if !removed.isEmpty {
            let list = removed.map { "'\($0)'" }.joined(separator: ", ")
            let message = "the packaged line of \(line.releases.title) also has \(list); today's guest has a line of its own"
            report(.cc2Removed, .note, message, range)
        }
        let packaged = Set(line.words)
        return words.filter { !packaged.contains($0) }
    }
}
