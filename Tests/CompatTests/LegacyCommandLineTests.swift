// SPDX-License-Identifier: Apache-2.0

@testable import Compat
import SystemPackage
import Testing

@Suite struct LegacyCommandLineTests {
    @Test(
        arguments: [
            (
                ["--log", "/l", "--cc-config", "/c.toml", "create", "--bundle", "b", "one"],
                ["--log", "/l", "--config", "/c.toml", "create", "--bundle", "b", "one"]
            ),
            (["--cc-config=/c.toml", "cc-env"], ["--config=/c.toml", "env"]),
            (["-cc-config", "/c.toml", "cc-check"], ["--config", "/c.toml", "check"]),
            (["--root", "create", "list", "--cc-all"], ["--root", "create", "--config", "/old.toml", "list"]),
            (["exec", "one", "cc-env"], ["--config", "/old.toml", "exec", "one", "cc-env"]),
            (["--version"], ["--version"]),
            (["-v"], ["-v"]),
            ([], []),
        ] as [([String], [String])])
    func ccRuntimeIsUnderstood(old: [String], new: [String]) throws {
        let command = try #require(LegacyCommandLine.named("cc-runtime"))
        #expect(command.arguments(for: old) { _ in "/old.toml" } == new)
    }

    @Test func theOldConfigurationIsLookedForWhereTheOldProgramDid() throws {
        let command = try #require(LegacyCommandLine.named("cc-runtime"))
        var asked: [FilePath] = []
        _ = command.arguments(for: ["list"]) {
            asked = $0
            return nil
        }
        #expect(
            asked == [
                "/etc/clear-containers/configuration.toml", "/usr/share/defaults/clear-containers/configuration.toml",
                "/usr/local/etc/clear-containers/configuration.toml", "/usr/local/share/defaults/clear-containers/configuration.toml",
            ])
        #expect(LegacyCommandLine.named("kata-runtime") == nil)
    }
}
