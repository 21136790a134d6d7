// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText
package import SystemPackage

/// A configuration file of the old system.
package struct ConfigurationFile: Sendable {
    package enum Standing: String, Sendable {
        /// The one that the old runtime reads.
        case inUse = "in use"
        /// A file that comes before it hides it.
        case hidden
        /// In a place that this build of the old runtime never looked at.
        case neverRead = "never read"
    }

    /// Whether somebody changed what the old system's package brought.
    package enum Edits: String, Sendable {
        case none = "as packaged"
        case local = "edited"
        /// No package that is on record has a file of that name.
        case unknown = "not known"
    }

    package let path: FilePath
    package let dialect: Dialect.ID
    package let standing: Standing
    package let source: SourceText
    package let edits: Edits

    /// The files of a dialect where it looked for them, in its order.
    ///
    /// - Parameters:
    ///   - named: files that the engines name on the old runtime's command line; it then looks nowhere else.
    ///   - places: where it looks otherwise.
    ///   - packages: of the old system.
    static func found(
        of dialect: Dialect, named: [FilePath], places: [FilePath], packages: [InstalledPackage], by survey: inout Survey
    ) -> [ConfigurationFile] {
        var files: [(path: FilePath, source: SourceText)] = []
        for path in named + places where !files.contains(where: { $0.path == path }) {
            if let source = survey.source(path) { files.append((path, source)) }
        }
        let runtime = packages.first { $0.name == "cc-runtime" || $0.name == "cc-runtime-bin" }
        // Packages of these releases were built with SYSCONFDIR=/usr/share/defaults, so that /etc was not looked at.
        let isMisbuilt = runtime?.release.map { (Release(3, 0, 4)..<Release(3, 0, 23)).contains($0) } ?? false
        // A program with several files read one of each name.
        var taken: Set<FilePath.Component?> = []
        return files.flatMap { path, source in
            var standing = Standing.hidden
            let used = files.first { $0.path.string.hasPrefix("/usr/share/defaults/") }?.path
            if isMisbuilt, let runtime, let used, path.string.hasPrefix("/etc/"), !named.contains(path) {
                standing = .neverRead
                survey.report(.deadConfiguration(path, version: runtime.version, used: used))
            } else if taken.insert(path.lastComponent).inserted {
                standing = .inUse
            }
            // Of a family whose releases read one place, the file itself tells which of them it is for.
            let own = dialect.isCurrent ? Registry.identify(source).first { Registry.dialect($0.dialect)?.isCurrent == true } : nil
            let file = ConfigurationFile(
                path: path, dialect: own?.dialect ?? dialect.id, standing: standing, source: source,
                edits: edits(of: path, source.bytes, since: packages))
            return [file] + (dialect.isCurrent ? dropIns(over: file, by: &survey) : [])
        }
    }

    /// What Kata lays over a file since 2.5, in the order of the names; ours are not the old runtime's.
    private static func dropIns(over file: ConfigurationFile, by survey: inout Survey) -> [ConfigurationFile] {
        let directory = dropInDirectory(of: file.path)
        let ours = [ConfigurationDropIn.path(beside: file.path), TargetLayout().assetDropIn]
        return survey.names(in: directory).sorted().map { directory.appending($0) }.filter { !ours.contains($0) }
            .compactMap { survey.source($0) }
            .map { ConfigurationFile(path: $0.path, dialect: file.dialect, standing: file.standing, source: $0, edits: .unknown) }
    }

    static func dropInDirectory(of file: FilePath) -> FilePath { file.removingLastComponent().appending("config.d") }

    /// Beside the packaged file itself, its copy in a place that the package leaves to the administrator.
    private static func edits(of path: FilePath, _ bytes: [UInt8], since packages: [InstalledPackage]) -> Edits {
        var packaged = packages.compactMap { $0.digests[path] }
        if packaged.isEmpty {
            packaged = packages.flatMap { $0.digests.filter { $0.key.lastComponent == path.lastComponent }.map(\.value) }
        }
        return packaged.isEmpty ? .unknown : packaged.contains { $0.matches(bytes) } ? .none : .local
    }
}
