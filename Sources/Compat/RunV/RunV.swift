// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

/// The flags of runV, which never had a configuration file: they stand wherever something calls it.
public enum RunV {
    /// Names the dialect.
    public static let id = Dialect.ID(rawValue: "runv")
    /// From the first tag to the end of the last branch.
    public static let releases = Release(0, 4, 0)...master

    /// The branch behind 1.0.0, which hyperd 1.1.0 was built with.
    static let laterPatches = Release(1, 0, 0, .branch("1.0.y"))
    /// The development branch, where it ended in 2019.
    static let master = Release(1, 0, 0, .branch("master"))

    /// As the registry holds it.
    public static let dialect = Dialect(
        id: id, title: "runV command line", releases: releases,
        searchPaths: [
            "/etc/docker/daemon.json", "/etc/default/docker", "/etc/sysconfig/docker", "/lib/systemd/system/docker.service",
            "/usr/lib/systemd/system/docker.service", "/etc/systemd/system/docker.service", "/etc/containerd/config.toml",
            "/etc/crio/crio.conf",
        ], pages: pages, rules: rules, claim: recognise, translate: translate)
}

extension RunV {
    /// A file with every call of runV in it.
    public struct Document: Sendable {
        /// The bytes that were read.
        public let source: SourceText
        /// What a container's own environment said to runV; nothing but an OCI bundle's config.json has it.
        public let environment: [LegacyStatement]
        let calls: [ReadCall]

        /// Everything that the file says to runV, in its order.
        public var statements: [LegacyStatement] { environment + calls.flatMap(\.statements) }

        /// The releases that knew every flag of the file; nil when no release did.
        public var releases: ClosedRange<Release>? {
            statements.reduce(RunV.releases as ClosedRange<Release>?) { common, statement in
                guard case .setting(let setting) = statement else { return common }
                return common?.common(with: setting.rule.releases)
            }
        }
    }

    /// A call with its flags checked.
    struct ReadCall: Sendable {
        let call: Call
        let statements: [LegacyStatement]
    }
}
