// SPDX-License-Identifier: Apache-2.0

/// Two command lines of QEMU with options of one kind beside each other.
package struct AlignedOptions: Sendable {
    /// Options that do the same thing; nil where one side has none.
    package struct Pair: Sendable, Equatable {
        package let old: String?
        package let new: String?
        package var isSame: Bool { old == new }
    }

    package let pairs: [Pair]

    /// - Parameters: the program first.
    package init(_ old: [String], _ new: [String]) {
        let before = Self.options(old)
        let after = Self.options(new)
        let common = Set(before.dropFirst().map(\.text))
        var left = Array(after.dropFirst())
        var pairs = [Pair(old: before.first?.text, new: after.first?.text)]
        for option in before.dropFirst() {
            // The same text first, so that two devices of one driver do not change places.
            let match =
                left.firstIndex { $0.text == option.text } ?? left.firstIndex { $0.kind == option.kind && !common.contains($0.text) }
            pairs.append(Pair(old: option.text, new: match.map { left.remove(at: $0).text }))
        }
        self.pairs = pairs + left.map { Pair(old: nil, new: $0.text) }
    }

    private struct Option {
        let text: String
        /// `-device virtio-9p-pci`: what makes two options comparable.
        let kind: String
    }

    /// Each word that starts with a dash with the words behind it.
    private static func options(_ words: [String]) -> [Option] {
        var groups: [[String]] = []
        for word in words {
            if groups.isEmpty || groups.count == 1 || word.hasPrefix("-") {
                groups.append([word])
            } else {
                groups[groups.count - 1].append(word)
            }
        }
        return groups.map { group in Option(text: group.joined(separator: " "), kind: kind(of: group)) }
    }

    /// Options of which a machine has many are told apart by the driver that they name.
    private static func kind(of group: [String]) -> String {
        guard let name = group.first, group.count > 1, repeated.contains(name) else { return group.first ?? "" }
        let first = group[1].split(separator: ",").first.map(String.init) ?? ""
        let driver = first.hasPrefix("driver=") ? String(first.dropFirst("driver=".count)) : first
        return "\(name) \(driver)"
    }

    private static let repeated: Set<String> = ["-device", "-object", "-chardev", "-netdev", "-fsdev", "-drive", "-numa", "-global"]
}
