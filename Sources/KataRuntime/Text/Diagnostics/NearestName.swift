// SPDX-License-Identifier: Apache-2.0

/// The candidate that `name` was most likely meant to be, or nil when none is near enough.
///
/// Near enough is at most one edit (insert, delete, replace, swap of neighbours) for each three characters, at least one; case and the
/// difference of `-` and `_` cost nothing. The first of equally near candidates wins.
public func nearestName(to name: String, in candidates: some Sequence<String>) -> String? {
    let wanted = folded(name)
    let limit = max(1, wanted.count / 3)
    let ours = letters(of: wanted)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate != name {
        // Folding never makes a name shorter, and most candidates are too long at a glance.
        guard min(candidate.unicodeScalars.count, longest) <= wanted.count + limit else { continue }
        let other = folded(candidate)
        // A difference in length is a lower bound of the distance.
        guard abs(other.count - wanted.count) <= limit else { continue }
        // An edit brings or takes at most one kind of letter.
        let theirs = letters(of: other)
        guard max((ours & ~theirs).nonzeroBitCount, (theirs & ~ours).nonzeroBitCount) <= limit else { continue }
        let bound = min(limit, (best?.distance ?? Int.max) - 1)
        if let distance = editDistance(wanted, other, atMost: bound) { best = (candidate, distance) }
    }
    return best?.candidate
}

/// `, did you mean 'x'?` for the end of a message, or nothing.
public func suggestion(for name: String, in candidates: some Sequence<String>) -> String {
    guard let nearest = nearestName(to: name, in: candidates) else { return "" }
    return ", did you mean '\(nearest)'?"
}

/// A name of a kilobyte is no misspelt key, and the distance costs its square.
private let longest = 128

private func folded(_ name: String) -> [Unicode.Scalar] {
    if name.utf8.allSatisfy({ $0 < 0x80 }) {
        return name.utf8.prefix(longest).map { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): Unicode.Scalar(byte | 0x20)
            case UInt8(ascii: "-"): "_"
            default: Unicode.Scalar(byte)
            }
        }
    }
    return name.lowercased().unicodeScalars.prefix(longest).map { $0 == "-" ? "_" : $0 }
}

/// A bit for each kind of letter; several kinds may share one.
private func letters(of name: [Unicode.Scalar]) -> UInt64 { name.reduce(0) { $0 | 1 << UInt64($1.value & 63) } }

/// Optimal string alignment distance; nil when it is greater than a bound.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], atMost bound: Int) -> Int? {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1] + [Int](repeating: 0, count: b.count)
        for j in 0..<b.count {
            let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
            row[j + 1] = min(replaced, last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
            }
        }
        // A row is made of the two above it, and no later one has less than both.
        if let least = row.min(), let leastAbove = last.min(), min(least, leastAbove) > bound { return nil }
        beforeLast = last
        last = row
    }
    return last[b.count] <= bound ? last[b.count] : nil
}
