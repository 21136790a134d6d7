// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

/// The flags of frakti, which ran pods in hyperd for the kubelet; they stand in its systemd unit.
public enum Frakti {
    /// Names the dialect.
    public static let id = Dialect.ID(rawValue: "frakti")
    /// All tags; 1.13.0 is what the sources say that were never tagged.
    public static let releases = Release(0, 1, 0)...Release(1, 13, 0)

    /// As the registry holds it.
    public static let dialect = Dialect(
        id: id, title: "frakti command line", releases: releases,
        searchPaths: [
            "/etc/systemd/system/frakti.service", "/lib/systemd/system/frakti.service", "/usr/lib/systemd/system/frakti.service",
        ], pages: pages, rules: rules, claim: recognise, translate: translate)
}

extension Frakti {
    /// A file with the calls of frakti in it.
    public struct Document: Sendable {
        /// The bytes that were read.
        public let source: SourceText
        /// Everything that the file says to frakti, in its order.
        public let statements: [LegacyStatement]
        /// What names frakti; empty when nothing does.
        public let calls: [SourceRange]

        /// The releases that knew every flag of the file; nil when no release did.
        public var releases: ClosedRange<Release>? {
            statements.reduce(Frakti.releases as ClosedRange<Release>?) { common, statement in
                guard case .setting(let setting) = statement else { return common }
                return common?.common(with: setting.rule.releases)
            }
        }
    }
}
