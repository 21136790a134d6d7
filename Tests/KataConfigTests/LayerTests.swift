// SPDX-License-Identifier: Apache-2.0

import KataConfig
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite struct LayerTests {
    private func write(_ text: String, _ path: FilePath) throws {
        try FileSystem.makeDirectory(path.removingLastComponent())
        try AtomicFile.write(Array(text.utf8), to: path)
    }

    private func memory(_ outcome: ConfigurationLayers.Outcome) -> UInt32? {
        outcome.result.value?.configuration.hypervisor.memoryMiB
    }

    @Test func `the named file wins over the variable, the variable over the standard paths, the first of these over the next`()
        async throws
    {
        try await withTemporaryDirectory { root in
            let paths = (1...4).map { root.appending("\($0)/configuration.toml") }
            for (index, path) in paths.enumerated() { try write("hypervisor.qemu.default_memory = \(100 + index)\n", path) }
            let standard = [paths[2], paths[3]]
            let environment = ["KATA_CONF_FILE": paths[1].string]
            #expect(memory(ConfigurationLayers.load(path: paths[0], environment: environment, standardPaths: standard)) == 100)
            #expect(memory(ConfigurationLayers.load(path: nil, environment: environment, standardPaths: standard)) == 101)
            #expect(memory(ConfigurationLayers.load(path: nil, environment: [:], standardPaths: standard)) == 102)
            #expect(memory(ConfigurationLayers.load(path: nil, environment: ["KATA_CONF_FILE": ""], standardPaths: standard)) == 102)
            try FileSystem.remove(paths[2])
            #expect(memory(ConfigurationLayers.load(path: nil, environment: [:], standardPaths: standard)) == 103)
        }
    }

    @Test func `a named file that is missing is an error without fallback`() async throws {
        try await withTemporaryDirectory { root in
            let present = root.appending("configuration.toml")
            try write("", present)
            for absent in [root.appending("absent.toml"), root] {
                let outcome = ConfigurationLayers.load(path: absent, environment: [:], standardPaths: [present])
                #expect(outcome.result.diagnostics.map(\.code) == ["CFG001"])
                #expect(outcome.result.diagnostics.first?.notes.first?.hasPrefix("\(absent): ") == true)
                #expect(outcome.result.value == nil)
            }
        }
    }

    @Test func `a file that is bad is an error without fallback to the next path`() async throws {
        try await withTemporaryDirectory { root in
            let paths = [root.appending("a.toml"), root.appending("b.toml")]
            try write("default_memory", paths[0])
            try write("", paths[1])
            let outcome = ConfigurationLayers.load(path: nil, environment: [:], standardPaths: paths)
            #expect(outcome.file == paths[0])
            #expect(outcome.result.value == nil)
        }
    }

    @Test func `the standard paths are Kata's`() {
        #expect(
            ConfigurationSearch(path: nil, environment: [:]).candidates == [
                "/etc/kata-containers/configuration.toml", "/usr/share/defaults/kata-containers/configuration.toml",
            ])
    }

    @Test func `drop-ins stand beside the file that a link leads to`() async throws {
        try await withTemporaryDirectory { root in
            try write("", root.appending("real/configuration-qemu.toml"))
            try write("hypervisor.qemu.default_memory = 333\n", root.appending("real/config.d/1.toml"))
            try write("hypervisor.qemu.default_memory = 444\n", root.appending("etc/config.d/1.toml"))
            let result = try await runProgram(
                "/bin/ln", ["-s", "../real/configuration-qemu.toml", root.appending("etc/configuration.toml").string])
            #expect(result.status == .exited(0))
            let outcome = ConfigurationLayers.load(path: root.appending("etc/configuration.toml"), environment: [:])
            #expect(memory(outcome) == 333)
        }
    }

    @Test func `a drop-in that cannot be read is an error`() async throws {
        try await withTemporaryDirectory { root in
            try write("", root.appending("configuration.toml"))
            try FileSystem.makeDirectory(root.appending("config.d/10-directory.toml"))
            let outcome = ConfigurationLayers.load(path: root.appending("configuration.toml"), environment: [:])
            #expect(outcome.result.diagnostics.map(\.code) == ["CFG002"])
            #expect(outcome.result.diagnostics.first?.path == root.appending("config.d/10-directory.toml"))
        }
    }

    @Test func `a legacy file is translated in memory with one notice, and drop-ins lie over the translation`() async throws {
        try await withTemporaryDirectory { root in
            let path = root.appending("configuration.toml")
            try write("[proxy.cc]\n", path)
            try write("hypervisor.qemu.memory_slots = 2\n", root.appending("config.d/1.toml"))
            let outcome = ConfigurationLayers.load(path: path, environment: [:]) { source in
                guard source.bytes.starts(with: "[proxy.cc]".utf8) else { return nil }
                let translated = TOMLDocument.parse(SourceText(path: "translated", text: "hypervisor.qemu.default_memory = 77\n"))
                let carried = Diagnostic(severity: .note, code: "CC3-001", message: "carried", path: source.path)
                return Parsed(value: translated.partial, diagnostics: [carried])
            }
            #expect(outcome.result.diagnostics.map(\.code) == ["CFG004", "CC3-001"])
            #expect(memory(outcome) == 77)
            #expect(outcome.result.value?.configuration.hypervisor.memorySlots == 2)
            #expect(outcome.sources["translated"] != nil)
        }
    }

    @Test func `a legacy command line counts in place of every file, and has no drop-ins`() async throws {
        try await withTemporaryDirectory { root in
            let path = root.appending("configuration.toml")
            try write("hypervisor.qemu.default_memory = 333\n", path)
            try write("hypervisor.qemu.default_memory = 444\n", root.appending("config.d/1.toml"))
            let outcome = ConfigurationLayers.load(
                path: path, legacyCall: "old --memory 77", environment: ["KATA_CONF_FILE": path.string], standardPaths: [path]
            ) { source in
                guard source.bytes == Array("old --memory 77".utf8) else { return nil }
                return TOMLDocument.parse(SourceText(path: "translated", text: "hypervisor.qemu.default_memory = 77\n"))
            }
            #expect(outcome.result.diagnostics.map(\.code) == ["CFG004"])
            #expect(outcome.file == ConfigurationLayers.legacyCall && outcome.result.diagnostics.first?.path == outcome.file)
            #expect(memory(outcome) == 77)
        }
    }
}
