// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

/// How containerd is told of runtimes: by `config.toml` of versions 1, 2, 3 and 4 with its imports, and before 1.0 by its command line.
///
/// Read from containerd's services/server/config and cmd/containerd/server/config, and from the configuration of its CRI plugin.
public enum Containerd {
    /// The configuration as one program reads it.
    ///
    /// - Parameters:
    ///   - root: `/etc/containerd/config.toml`.
    ///   - files: whatever may be imported; `importPatterns(of:)` says what to look for, in imported files again.
    ///   - release: of the program, if it is known. Before 2.0 a file replaces the sections of plugins that an earlier one has, from 2.0 on
    ///     they are merged.
    public static func registrations(root: SourceText, files: [SourceText] = [], release: Release? = nil) -> Parsed<EngineRegistrations> {
        var reading = ContainerdReading(release: release)
        for source in loadOrder(root: root, files: files, &reading.diagnostics) { reading.add(source) }
        reading.read()
        return Parsed(value: reading.result, diagnostics: reading.diagnostics)
    }

    /// The program that stands for a runtime type.
    static func shim(of type: String) -> FilePath {
        if type.hasPrefix("/") { return FilePath(type) }
        let parts = type.split(separator: ".")
        guard parts.count > 2 else { return FilePath(type) }
        return FilePath("containerd-shim-\(parts[parts.count - 2])-\(parts[parts.count - 1])")
    }

    /// The releases whose rules decide; each is the first that has them.
    enum Since {
        /// `io.containerd.runc.v1`.
        static let runcShim = Release(1, 2, 0)
        /// `io.containerd.runc.v2`, and configurations of version 2.
        static let runcShim2 = Release(1, 3, 0)
        /// Imported sections are merged; `io.containerd.runtime.v1.linux` and `io.containerd.runc.v1` are gone.
        static let merging = Release(2, 0, 0)
    }

    static let linuxType = "io.containerd.runtime.v1.linux"
}
