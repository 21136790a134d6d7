// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

extension Containerd {
    /// What a file imports: absolute paths, in which `*`, `?` and `[…]` stand for what they do in Go's `filepath.Match`.
    public static func importPatterns(of source: SourceText) -> [FilePath] {
        guard let list = TOMLDocument.parse(source, as: TOMLGrammar.ofEngines).partial?.root["imports"]?.array else { return [] }
        return list.compactMap(\.path).map { absolute($0, from: source.path) }
    }

    /// Whether a path is one that a pattern means; a star does not reach over a slash.
    public static func matches(_ path: FilePath, _ pattern: FilePath) -> Bool {
        let (names, patterns) = (path.components.map(\.string), pattern.components.map(\.string))
        return names.count == patterns.count
            && zip(names, patterns).allSatisfy { glob(Array($1.unicodeScalars)[...], Array($0.unicodeScalars)[...]) }
    }

    /// The root, then what it imports, then what those import: breadth first, each file once, so that a circle ends.
    static func loadOrder(root: SourceText, files: [SourceText], _ diagnostics: inout [Diagnostic]) -> [SourceText] {
        var order: [SourceText] = []
        var pending = [root]
        while !pending.isEmpty {
            let source = pending.removeFirst()
            guard !order.contains(where: { $0.path == source.path }) else { continue }
            order.append(source)
            let entry = TOMLDocument.parse(source, as: TOMLGrammar.ofEngines).partial?.root["imports"]
            for element in entry?.array ?? [] {
                guard let written = element.path else { continue }
                let pattern = absolute(written, from: source.path)
                let isPattern = written.string.contains("*")
                let found = ([root] + files).filter { isPattern ? matches($0.path, pattern) : $0.path == pattern }
                // filepath.Glob gives the names of a directory in order.
                pending += found.sorted { $0.path.string.utf8.lexicographicallyPrecedes($1.path.string.utf8) }
                if found.isEmpty, !isPattern {
                    let message = "'\(pattern.string)' is imported but not at hand; containerd does not start without it"
                    diagnostics.append(
                        Diagnostic(severity: .warning, code: .missingImport, message: message, path: source.path, range: element.range))
                }
            }
        }
        return order
    }

    private static func absolute(_ path: FilePath, from file: FilePath) -> FilePath {
        var path = path.lexicallyNormalized()
        if !path.isAbsolute { path = file.removingLastComponent().pushing(path).lexicallyNormalized() }
        return path
    }

    private static func glob(_ pattern: ArraySlice<Unicode.Scalar>, _ name: ArraySlice<Unicode.Scalar>) -> Bool {
        var (pattern, name) = (pattern, name)
        // Where the last star was, and what it has taken so far: only the last one ever has to take more.
        var star: (pattern: ArraySlice<Unicode.Scalar>, name: ArraySlice<Unicode.Scalar>)?
        while true {
            if let next = pattern.first, next == "*" {
                pattern.removeFirst()
                star = (pattern, name)
                continue
            }
            if name.isEmpty && pattern.isEmpty { return true }
            if let letter = name.first, let rest = one(pattern, letter) {
                pattern = rest
                name.removeFirst()
                continue
            }
            guard let last = star, !last.name.isEmpty else { return false }
            star = (last.pattern, last.name.dropFirst())
            (pattern, name) = (last.pattern, last.name.dropFirst())
        }
    }

    /// The pattern behind what matches one scalar; nil when nothing does.
    private static func one(_ pattern: ArraySlice<Unicode.Scalar>, _ letter: Unicode.Scalar) -> ArraySlice<Unicode.Scalar>? {
        guard let first = pattern.first else { return nil }
        let rest = pattern.dropFirst()
        switch first {
        case "?": return rest
        case "\\": return rest.first == letter ? rest.dropFirst() : nil
        case "[":
            guard let close = rest.dropFirst().firstIndex(of: "]") else { return nil }
            var set = rest[..<close]
            let isNegated = set.first == "^"
            if isNegated { set = set.dropFirst() }
            var isMember = false
            while let low = set.popFirst() {
                var high = low
                if set.first == "-", set.count > 1 {
                    high = set[set.startIndex + 1]
                    set = set.dropFirst(2)
                }
                if low <= letter, letter <= high { isMember = true }
            }
            return isMember != isNegated ? pattern[(close + 1)...] : nil
        default: return first == letter ? rest : nil
        }
    }
}
