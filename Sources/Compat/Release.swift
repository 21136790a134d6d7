// SPDX-License-Identifier: Apache-2.0

/// The version number of a release of a legacy system.
public struct Release: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// First number.
    public let major: Int
    /// Second number.
    public let minor: Int
    /// Third number.
    public let patch: Int

    /// `major.minor.patch`.
    public init(_ major: Int, _ minor: Int, _ patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// `3.0.23`; nil for any other text.
    public init?(_ text: String) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else { return nil }
        self.init(major, minor, patch)
    }

    /// `3.0.23`.
    public var description: String { "\(major).\(minor).\(patch)" }

    /// Number by number.
    public static func < (a: Release, b: Release) -> Bool {
        (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }
}

extension ClosedRange<Release> {
    /// What both allow; nil when that is no release.
    public func common(with other: ClosedRange<Release>) -> ClosedRange<Release>? {
        let first = Swift.max(lowerBound, other.lowerBound)
        let last = Swift.min(upperBound, other.upperBound)
        return first <= last ? first...last : nil
    }

    /// `3.0.10 to 3.0.23`, or the one release.
    public var title: String { lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound) to \(upperBound)" }
}
