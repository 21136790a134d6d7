// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

/// One option with its value, as it stands on a command line.
struct CommandFlag {
    /// Without dashes.
    let name: String
    /// As the program gets it: specifiers that stand for one character are resolved.
    let value: String
    /// From the option's name to the end of its value.
    let range: SourceRange
    let file: FilePath
    /// The word that ends with the value.
    let word: CommandWord
    /// How many bytes of the word are the value, as written.
    let length: Int

    /// How the last bytes of the value can be written anew, of which `prefix` stays.
    func spelling(behind prefix: Int = 0) -> PathSpelling? { word.spelling(ofLast: length - prefix) }

    /// What follows the value's first bytes as written.
    func rawValue(behind prefix: Int = 0) -> Substring.UTF8View.SubSequence {
        word.text[...].utf8.dropFirst(word.text.utf8.count - length + prefix)
    }

    var setting: EngineSetting {
        let dashes = name.utf8.count == 1 ? "-" : "--"
        return EngineSetting(name: dashes + name, value: value, file: file, range: word.range, spelling: spelling())
    }
}

extension [CommandWord] {
    /// The options of these names in their order; an option whose value lacks is reported by the second list.
    ///
    /// - Parameters:
    ///   - valued: names of options that take the next word when it is not given behind a `=`.
    ///   - switches: names of options that take a value only behind a `=`.
    ///   - letters: those of the first whose value may follow behind their one letter at once.
    func flags(
        _ valued: Set<String>, switches: Set<String> = [], letters: Set<String> = []
    ) -> (found: [CommandFlag], lacking: [CommandWord]) {
        var found: [CommandFlag] = []
        var lacking: [CommandWord] = []
        var rest = self[...]
        while let word = rest.popFirst() {
            guard word.text.hasPrefix("-") else { continue }
            let body = word.text.drop { $0 == "-" }
            let name = String(body.prefix { $0 != "=" })
            if let letter = letters.first(where: { word.text.hasPrefix("-\($0)") }), !valued.contains(name), !switches.contains(name) {
                found.append(Self.flag(letter, word, word, body.utf8.count - 1))
                continue
            }
            guard valued.contains(name) || switches.contains(name) else { continue }
            if name.utf8.count < body.utf8.count {
                let length = body.utf8.count - name.utf8.count - 1
                found.append(Self.flag(name, word, word, length))
            } else if switches.contains(name) {
                found.append(CommandFlag(name: name, value: "true", range: word.range, file: word.file, word: word, length: 0))
            } else if let value = rest.popFirst() {
                found.append(Self.flag(name, word, value, value.text.utf8.count))
            } else {
                lacking.append(word)
            }
        }
        return (found, lacking)
    }

    private static func flag(_ name: String, _ first: CommandWord, _ word: CommandWord, _ length: Int) -> CommandFlag {
        let raw = Substring(word.text).utf8.dropFirst(word.text.utf8.count - length)
        // A variable may give the name and the unit the value; then only the value has one place.
        let start = first.file == word.file ? first.range.start : word.range.start
        return CommandFlag(
            name: name, value: word.resolved(String(decoding: raw, as: UTF8.self)), range: SourceRange(start: start, end: word.range.end),
            file: word.file, word: word, length: length)
    }
}

extension CommandWord {
    /// What other specifiers than `%%` and `$$` stand for is not known here.
    func resolved(_ text: String) -> String {
        guard hasSpecifiers else { return text }
        var result = ""
        var rest = text[...]
        while let letter = rest.popFirst() {
            result.append(letter)
            if letter == "%" || letter == "$", rest.first == letter { rest.removeFirst() }
        }
        return result
    }
}
