// SPDX-License-Identifier: Apache-2.0
public import KataText

/// Something on a host that tells which release of a legacy system ran there.
public enum ReleaseEvidence: Sendable {
    /// What the program printed for `--version`.
    case versionText(String)
    /// A package and its version, as dpkg and rpm print them: `3.0.23+git.3cebe5e-27`.
    case package(name: String, version: String)
    /// A file that a package put there, edited or not.
    case packagedFile(SourceText)
}

/// What the evidence says.
public struct ReleaseFinding: Sendable, Equatable {
    /// The releases that it leaves.
    public let releases: ClosedRange<Release>
    /// What was seen, one clause each; evidence that disagrees with stronger evidence is named too.
    public let reasons: [String]
}

/// How a dialect's releases can be told apart.
struct ReleaseSigns: Sendable {
    /// As the first line of `--version` begins.
    let programs: Set<String>
    /// Packages that have the program's version.
    let packages: Set<String>
    /// The releases whose packages had such a file, and what in it says so; nil for a file that says nothing.
    let ofFile: @Sendable (SourceText) -> ReleaseFinding?
}

extension Dialect {
    /// The releases that all evidence leaves; where it disagrees, the program's own word counts more than a package's, and that more than
    /// a file's. Nil when nothing of it is about this dialect.
    public func release(from evidence: [ReleaseEvidence]) -> ReleaseFinding? {
        guard let signs else { return nil }
        let findings = evidence.compactMap { item in
            finding(of: item, by: signs).map { (weight: item.weight, finding: $0) }
        }
        var known: ClosedRange<Release>?
        var reasons: [String] = []
        for (_, finding) in findings.sorted(by: { $0.weight > $1.weight }) {
            guard let before = known else {
                known = finding.releases
                reasons += finding.reasons
                continue
            }
            if let common = before.common(with: finding.releases) {
                known = common
                reasons += finding.reasons
            } else {
                reasons += finding.reasons.map { "\($0), which does not agree and is passed over" }
            }
        }
        return known.map { ReleaseFinding(releases: $0, reasons: reasons) }
    }

    private func finding(of evidence: ReleaseEvidence, by signs: ReleaseSigns) -> ReleaseFinding? {
        switch evidence {
        case .versionText(let text):
            guard let line = text.split(whereSeparator: \.isNewline).first,
                let program = line.split(whereSeparator: { $0.isWhitespace || $0 == ":" }).first, signs.programs.contains(String(program)),
                let release = Release(leading: line.split(separator: ":").last?.drop(while: \.isWhitespace) ?? ""),
                releases.contains(release)
            else { return nil }
            return ReleaseFinding(releases: release...release, reasons: ["\(program) calls itself \(release)"])
        case .package(let name, let version):
            let upstream = version.split(separator: ":", maxSplits: 1).last ?? ""
            guard signs.packages.contains(name), let release = Release(leading: upstream), releases.contains(release) else { return nil }
            return ReleaseFinding(releases: release...release, reasons: ["package \(name) is \(version)"])
        case .packagedFile(let source): return signs.ofFile(source)
        }
    }
}

extension ReleaseEvidence {
    fileprivate var weight: Int {
        switch self {
        case .versionText: 2
        case .package: 1
        case .packagedFile: 0
        }
    }
}

extension Release {
    /// The three numbers that a version begins with; nil when it begins otherwise.
    ///
    /// What follows them is left out: the tag 3.0.0 calls itself `3.0.0-beta.2`, and packages add the commit.
    init?(leading text: some StringProtocol) {
        let numbers = text.prefix { $0 == "." || ($0.isASCII && $0.isNumber) }.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count >= 3, let major = Int(numbers[0]), let minor = Int(numbers[1]), let patch = Int(numbers[2]) else { return nil }
        self.init(major, minor, patch)
    }
}
