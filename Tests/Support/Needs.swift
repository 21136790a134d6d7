// SPDX-License-Identifier: Apache-2.0

public import SystemPackage
public import Testing

internal import Glibc
internal import KataSystem

/// Something that a test cannot do without and that not every machine has.
public enum Need: Sendable {
    case root
    /// A program on PATH.
    case program(String)
    /// Something that a package puts outside of PATH.
    case file(FilePath)
    /// Files of the old systems that are not part of the project: `KATA_TEST_CORPUS`, or `../shared/corpus`.
    case corpus
    /// Release binaries, guest kernel and initrd, as `make test` prepares them.
    case machine
    /// A root file system made by debootstrap.
    case debianRoot
    /// What shares directories over virtio-fs.
    case virtiofsd

    /// Why it is missing; nil when it is there.
    public var missing: String? {
        switch self {
        case .root: geteuid() == 0 ? nil : "needs root"
        case .program(let name): findProgram(name) == nil ? "needs \(name) on PATH" : nil
        case .file(let path): FileSystem.exists(path) ? nil : "needs \(path)"
        case .debianRoot:
            FileSystem.exists(TestMachine.debianRoot)
                ? nil : "needs Debian's root file system at \(TestMachine.debianRoot) (.ci/debian-root makes it where a mirror answers)"
        case .virtiofsd: findVirtiofsd() == nil ? "needs virtiofsd" : nil
        case .corpus: FileSystem.exists(Corpus.root) ? nil : "needs the corpus at \(Corpus.root) (KATA_TEST_CORPUS)"
        case .machine:
            Need.program("qemu-system-x86_64").missing
                ?? (FileSystem.exists(TestMachine.assets.appending("assets.json"))
                    ? nil : "needs guest assets at \(TestMachine.assets) (make test builds them)")
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test, saying why, where one of `needs` is missing.
    public static func needs(_ needs: Need...) -> Self {
        let missing = needs.compactMap(\.missing)
        return .enabled(if: missing.isEmpty, Comment(rawValue: missing.joined(separator: ", ")))
    }
}

/// Distributions keep it outside of PATH.
public func findVirtiofsd() -> FilePath? {
    ["/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd", "/usr/lib/virtiofsd"].first { FileSystem.exists($0) }
}

/// The path of a program on PATH.
public func findProgram(_ name: String) -> FilePath? {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin"
    return path.split(separator: ":").map { FilePath(String($0)).appending(name) }.first { FileSystem.exists($0) }
}
