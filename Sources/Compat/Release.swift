// SPDX-License-Identifier: Apache-2.0

/// The version number of a release of a legacy system.
public struct Release: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// First number.
    public let major: Int
    /// Second number.
    public let minor: Int
    /// Third number.
    public let patch: Int
    /// What it is to the release of these numbers.
    public let stage: Stage

    /// What has the numbers of a release without being it.
    public enum Stage: Hashable, Comparable, Sendable, Codable {
        /// `-rc1`.
        case candidate(Int)
        /// The release itself.
        case tagged
        /// What came after it on a branch, was built and never tagged.
        case branch(String)
    }

    /// `major.minor.patch`.
    public init(_ major: Int, _ minor: Int, _ patch: Int, _ stage: Stage = .tagged) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.stage = stage
    }

    /// `3.0.23`; nil for any other text.
    public init?(_ text: String) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else { return nil }
        self.init(major, minor, patch)
    }

    /// `3.0.23`, `1.0.0-rc2`, or the name of the branch.
    public var description: String {
        switch stage {
        case .candidate(let number): "\(major).\(minor).\(patch)-rc\(number)"
        case .tagged: "\(major).\(minor).\(patch)"
        case .branch(let name): name
        }
    }

    /// Number by number; candidates come before, branches behind their release.
    public static func < (a: Release, b: Release) -> Bool {
        (a.major, a.minor, a.patch, a.stage) < (b.major, b.minor, b.patch, b.stage)
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
