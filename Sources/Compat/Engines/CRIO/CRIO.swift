// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// How CRI-O is told of runtimes: by `crio.conf`, the files of `crio.conf.d` and the command line of its unit.
///
/// Read from CRI-O's pkg/config and from crio(8). Until 1.13 a pod's trust chose between two programs; since 1.12 a RuntimeClass chooses
/// by name, and since 1.14 it is the only way.
public enum CRIO {
    /// The release from which the settings of trust have no effect.
    public static let withoutTrust = Release(1, 14, 0)

    /// What all files together register.
    ///
    /// - Parameters:
    ///   - main: `crio.conf`, if there is one.
    ///   - dropIns: the files of `crio.conf.d`; they are read in the order of their paths, and a later one counts.
    ///   - units: `crio.service` and its drop-ins in the order in which systemd reads them; its options count more than any file.
    ///   - environment: files of assignments that the units name.
    ///   - release: of the program, if it is known.
    public static func registrations(
        main: SourceText?, dropIns: [SourceText] = [], units: [SourceText] = [], environment: [SourceText] = [], release: Release? = nil
    ) -> Parsed<EngineRegistrations> {
        var reading = CRIOReading(release: release)
        let sorted = dropIns.sorted { $0.path.string.utf8.lexicographicallyPrecedes($1.path.string.utf8) }
        for source in [main].compactMap(\.self) + sorted { reading.read(source) }
        reading.read(EngineCommandLine(of: ["crio"], units: units, environment: environment))
        return Parsed(value: reading.result, diagnostics: reading.diagnostics)
    }

    /// The edits after which a file registers a program under a name, to be called as runc is.
    public static func edits(registering name: String, path: FilePath, in source: SourceText) throws(EngineEditError) -> [TextEdit] {
        try handler(name, path).map { EngineChange.toml(source.path, $0) }.edits(in: source)
    }

    /// The name under which the runtime for untrusted workloads stays reachable when trust is no more.
    public static let handlerForUntrusted = "kata"

    /// Releases that know only trust pass the table over, those that know only tables pass the key over.
    static func changes(callingForUntrusted path: FilePath) -> [TOMLChange] {
        [.set(["crio", "runtime", "runtime_untrusted_workload"], .string(path.string))] + handler(handlerForUntrusted, path)
    }

    static func handler(_ name: String, _ path: FilePath) -> [TOMLChange] {
        let table = ["crio", "runtime", "runtimes", name]
        return [
            .set(table + ["runtime_path"], .string(path.string)), .set(table + ["runtime_type"], .string("oci")),
            // Only a shim reads it.
            .remove(table + ["runtime_config_path"]),
        ]
    }
}
