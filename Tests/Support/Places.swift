// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

internal import Glibc
internal import KataSystem

/// The checked-out project.
public enum Repository {
    public static let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    public static let fixtures = root.appending("fixtures")
}

public enum Corpus {
    public static let root =
        getenv("KATA_TEST_CORPUS").map { FilePath(String(cString: $0)) }
        ?? Repository.root.removingLastComponent().appending("shared").appending("corpus")
}

/// What tests that boot a VM run: static release binaries and guest assets.
public enum TestMachine {
    /// `KATA_TEST_BIN`, or the release build directory.
    public static let binaries =
        getenv("KATA_TEST_BIN").map { FilePath(String(cString: $0)) } ?? Repository.root.appending(".build").appending("release")
    /// Where the build that the tests belong to has its programs.
    public static let debugBinaries = FilePath(CommandLine.arguments[0]).removingLastComponent()
    /// Debian's root file system as an archive, as `.ci/debian-root` keeps it.
    public static let debianRoot = cache.appending("debian-root").appending("root.tar")
    /// As `.ci/cache` says it.
    private static let cache =
        variable("KATA_CACHE") ?? (variable("XDG_CACHE_HOME") ?? variable("HOME")?.appending(".cache") ?? "/").appending("kata-swift")
    private static func variable(_ name: String) -> FilePath? {
        getenv(name).map { FilePath(String(cString: $0)) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    /// `KATA_TEST_ASSETS`, or `.build/assets`.
    public static let assets =
        getenv("KATA_TEST_ASSETS").map { FilePath(String(cString: $0)) } ?? Repository.root.appending(".build").appending("assets")
}

/// Runs `body` with a fresh directory that is gone afterwards.
public func withTemporaryDirectory<Result>(
    _ body: (FilePath) async throws -> Result, isolation: isolated (any Actor)? = #isolation
) async throws -> Result {
    let path = FilePath("/tmp/kata-test.\(getpid()).\(UInt32.random(in: 0 ... .max))")
    try FileSystem.makeDirectory(path, mode: 0o700)
    do {
        let result = try await body(path)
        try FileSystem.removeTree(path)
        return result
    } catch {
        _ = try? FileSystem.removeTree(path)  // the test's own failure is the one to report
        throw error
    }
}
