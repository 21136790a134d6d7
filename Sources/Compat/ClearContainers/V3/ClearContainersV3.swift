// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

/// `configuration.toml` of Clear Containers 3.0.
public enum ClearContainersV3 {
    /// Names the dialect.
    public static let id = Dialect.ID(rawValue: "clear-containers-3.0")
    /// All releases, each of which had a tag.
    public static let releases = Release(3, 0, 0)...Release(3, 0, 23)

    /// As the registry holds it.
    public static let dialect = Dialect(
        id: id, title: "Clear Containers 3.0 configuration.toml", releases: releases,
        searchPaths: [
            // Compiled in by packages, then by source builds.
            "/etc/clear-containers/configuration.toml", "/usr/share/defaults/clear-containers/configuration.toml",
            "/usr/local/etc/clear-containers/configuration.toml", "/usr/local/share/defaults/clear-containers/configuration.toml",
        ], pages: pages, rules: rules, claim: recognise, translate: translate, signs: signs)
}

extension ClearContainersV3 {
    /// The file with its known keys checked and told from the others.
    public struct Document: Sendable {
        /// The bytes that were read.
        public let source: SourceText
        /// Everything the file says, in its order.
        public let statements: [LegacyStatement]

        /// The releases that read every known key of the file; nil when no release did.
        public var releases: ClosedRange<Release>? {
            statements.reduce(ClearContainersV3.releases as ClosedRange<Release>?) { common, statement in
                guard case .setting(let setting) = statement else { return common }
                return common?.common(with: setting.rule.releases)
            }
        }
    }
}
