// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
public import KataText
public import SystemPackage

/// `/etc/hyper/config` of hyperd.
public enum Hyperd {
    /// Names the dialect.
    public static let id = Dialect.ID(rawValue: "hyperd")
    /// From the first tag to the end of the development branch.
    public static let releases = Release(0, 2, 0)...master
    static let master = Release(1, 1, 0, .branch("master"))

    /// As the registry holds it.
    public static let dialect = Dialect(
        id: id, title: "hyperd configuration", releases: releases, searchPaths: ["/etc/hyper/config"], pages: pages, rules: rules,
        claim: recognise, translate: translate,
        signs: ReleaseSigns(programs: [], packages: ["hypercontainer", "hyper-container"], ofFile: { _ in nil }))
}

extension Hyperd {
    /// The file with its known keys checked and told from the others.
    public struct Document: Sendable {
        /// The bytes that were read.
        public let source: SourceText
        /// Everything the file says, in its order.
        public let statements: [LegacyStatement]

        /// Where it keeps everything; nil for its default, `/var/lib/hyper`.
        public var root: FilePath? {
            for case .setting(let setting) in statements where setting.rule.source == LegacyKey([], "Root") {
                if case .string(let text) = setting.value, text.hasPrefix("/") { return FilePath(text) }
            }
            return nil
        }

        /// The releases that read every known key of the file; nil when no release did.
        public var releases: ClosedRange<Release>? {
            statements.reduce(Hyperd.releases as ClosedRange<Release>?) { common, statement in
                guard case .setting(let setting) = statement else { return common }
                return common?.common(with: setting.rule.releases)
            }
        }
    }
}
