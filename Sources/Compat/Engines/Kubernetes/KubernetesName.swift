// SPDX-License-Identifier: Apache-2.0

/// The forms of names that Kubernetes has.
enum KubernetesName {
    /// RFC 1123 label: at most 63 of `a-z0-9-`, with a letter or digit at both ends.
    static func isLabel(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last) && bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    /// Labels with dots between them, at most 253 characters.
    static func isSubdomain(_ text: String) -> Bool {
        text.utf8.count <= 253 && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel($0) }
    }

    /// The nearest label to a text; nil when nothing of it is left.
    static func label(from text: String) -> String? {
        var name: [UInt8] = []
        for byte in text.lowercased().utf8 {
            let kept = isAlphanumeric(byte) ? byte : UInt8(ascii: "-")
            if kept == UInt8(ascii: "-"), name.isEmpty || name.last == kept { continue }
            name.append(kept)
        }
        name = Array(name.prefix(63))
        while name.last == UInt8(ascii: "-") { name.removeLast() }
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    }

    /// `[prefix/]name` with at most 63 of letters, digits, `-_.` in the name, as keys of labels and annotations.
    static func isQualified(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, parts.count <= 2, parts.count == 1 || isSubdomain(String(parts[0])) else { return false }
        return !name.isEmpty && isLabelValue(name)
    }

    /// Empty, or at most 63 of letters, digits, `-_.` with a letter or digit at both ends.
    static func isLabelValue(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last else { return true }
        return bytes.count <= 63 && isWord(first) && isWord(last) && bytes.allSatisfy { isWord($0) || "-_.".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
