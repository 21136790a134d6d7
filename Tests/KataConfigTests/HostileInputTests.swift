// SPDX-License-Identifier: Apache-2.0

import KataConfig
import KataText
import SystemPackage
import Testing

@Suite struct HostileInputTests {
    @Test(arguments: GoldenCase.all)
    func `a file cut anywhere gives findings or a configuration, never neither`(_ golden: GoldenCase) {
        for source in golden.load().sources.values {
            for length in stride(from: 0, to: source.bytes.count, by: 5) {
                let cut = SourceText(path: source.path, bytes: Array(source.bytes.prefix(length)))
                let parsed = TOMLDocument.parse(cut)
                let documents = parsed.partial.map { [$0] } ?? []
                let resolved = ResolvedConfiguration.resolve(documents, isComplete: !parsed.hasErrors)
                let isUsable = resolved.value != nil
                #expect(isUsable != (parsed.hasErrors || resolved.hasErrors))
            }
        }
    }

    static let extremes = [
        "hypervisor.qemu.default_vcpus = 1e308", "hypervisor.qemu.default_vcpus = -inf", "hypervisor.qemu.default_vcpus = inf",
        "hypervisor.qemu.default_maxvcpus = 9223372036854775807", "hypervisor.qemu.default_memory = -9223372036854775808",
        "hypervisor.qemu.msize_9p = -1", "agent.kata.dial_timeout = 9223372036854775807",
        "hypervisor.qemu.virtio_fs_extra_args = [\"\\u0000\"]",
    ]

    @Test(arguments: extremes)
    func `an extreme number or a NUL is not allowed`(_ text: String) {
        let result = resolve(text)
        #expect(result.diagnostics.map(\.code) == ["CFG013"])
        #expect(result.value == nil)
    }

    @Test func `show stays readable TOML whatever stands in values and file names`() throws {
        let text = "[hypervisor.qemu]\nkernel_params = \"\\\\ \\\" \\u0085 \\u001b[31m é \\U0001F600\"\n"
        let resolved = try #require(resolve(text, path: "a\nkernel = 1\u{7f}.toml").value)
        let shown = resolved.shown(as: .toml)
        #expect(shown.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)) })
        #expect(resolve(shown).value?.configuration == resolved.configuration)
        let json = JSONDocument.parse(SourceText(path: "show.json", text: resolved.shown(as: .json)))
        #expect(json.diagnostics == [])
    }

    @Test func `nested and oddly shaped tables are findings`() {
        let result = resolve("hypervisor = 1\nagent = [1]\nruntime = { enable_debug = { a = 1 } }\nfactory = [{ enable_template = true }]")
        #expect(result.diagnostics.map(\.code) == ["CFG012", "CFG012", "CFG012", "CFG012"])
    }
}
