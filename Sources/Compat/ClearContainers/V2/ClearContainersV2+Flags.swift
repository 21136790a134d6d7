// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

// cc-oci-runtime.sh.cfg and kernel-cmdline.
extension V2Reading {
    /// The wrapper script joined the lines that do not begin with `#` and had the shell read them again.
    mutating func readFlags() {
        checkText()
        var words: [Word] = []
        for line in source.bytes.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            let range = SourceRange(start: source.position(at: line.startIndex), end: source.position(at: line.endIndex))
            words += shellWords(of: String(decoding: line, as: UTF8.self), range)
        }
        var rest = words[...]
        while let word = rest.popFirst() { readFlag(word, &rest) }
    }

    private struct Word {
        let text: String
        let range: SourceRange
        /// Whether the shell made something else of it.
        let isEvaluated: Bool
    }

    /// Words divided by blanks, quotes taken away; what the shell would do beyond that is reported.
    private mutating func shellWords(of line: String, _ range: SourceRange) -> [Word] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEvaluated = false
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
                if open == "\"", "$`\\".contains(character) { isEvaluated = true }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " || character == "\t" {
                if let word { words.append(word) }
                word = nil
            } else {
                if "$`\\;|&<>()*?[#~".contains(character) { isEvaluated = true }
                if word == nil { word = "" }
                word?.append(character)
            }
        }
        if let word { words.append(word) }
        if isEvaluated || quote != nil {
            report(.cc2Shell, .warning, "the shell read this line, and what it made of it is not known here", range)
        }
        return words.map { Word(text: $0, range: range, isEvaluated: isEvaluated || quote != nil) }
    }

    private mutating func readFlag(_ word: Word, _ rest: inout ArraySlice<Word>) {
        let pair = word.text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = pair[0] == "-d" ? "--debug" : pair[0]
        let known = ClearContainersV2.rule(of: LegacyKey(["flags"], name))
        guard let rule = known, rule.releases.common(with: releases) != nil else {
            if word.isEvaluated {
                // The warning about the line says what is known of it.
                statements.append(.stranger(LegacyKey(["flags"], word.text), word.range))
                return
            }
            refuse(
                LegacyKey(["flags"], word.text), word.range, .cc2Refused,
                "cc-oci-runtime refused to start for \(ConfigValue.string(word.text).tomlText)")
            return
        }
        if rule.type == .boolean {
            set(rule.source, .boolean(true), word.range, word.range)
        } else if let value = pair.count == 2 ? pair[1] : rest.popFirst()?.text {
            set(rule.source, .string(value), word.range, word.range)
        } else {
            refuse(rule.source, word.range, .cc2Refused, "\(name) needs a value, without which cc-oci-runtime refused to start")
        }
    }

    /// The file was an input of the build; the program never opened it.
    mutating func readKernelLine() {
        checkText()
        let text = String(decoding: source.bytes, as: UTF8.self)
        let range = SourceRange(start: .start, end: source.position(at: source.bytes.count))
        let chosen = chosenWords(of: text, range)
        let key = LegacyKey([], "kernel-cmdline")
        if chosen.isEmpty {
            setPackaged(key, .string(text), range, range)
        } else if let setting = setting(key, .string(chosen.joined(separator: " ")), range, range) {
            let reason = "cc-oci-runtime never read this file, only vm.json, into which it was copied when the package was built"
            statements.append(.unread(setting, reason: reason))
            report(.cc2NeverRead, .warning, "'\(chosen.joined(separator: " "))' had no effect: \(reason)", range)
        }
    }
}
