// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataText
@testable import Migrate
import SystemPackage
import Testing

@Suite struct ConversionTests {
    private let host = HostFixture.clearContainersDocker

    @Test func theHostsConfigurationBecomesTheExpectedOne() throws {
        try host.withTree { root in
            let source = try #require(try host.scan(root).configuration?.source)
            let conversion = Conversion(of: source, layout: TargetLayout())
            try host.expect(String(decoding: try #require(conversion.bytes), as: UTF8.self), is: "configuration.toml")
            let report = render(conversion.diagnostics, sources: [source.path: source], as: .text, tool: "kata-migrate")
            try host.expect(report, is: "convert.txt")
        }
    }

    /// What the operator of this host set must be found again in the result, and what belongs to the old system must not.
    @Test func whatTheOperatorSetIsCarried() throws {
        try host.withTree { root in
            let source = try #require(try host.scan(root).configuration?.source)
            let bytes = try #require(Conversion(of: source, layout: TargetLayout(prefix: "/opt/k")).bytes)
            let result = try #require(TOMLDocument.parse(SourceText(path: "new.toml", bytes: bytes)).value?.root)
            let qemu = ["hypervisor", "qemu"]
            #expect(result.value(at: qemu + ["default_memory"])?.integer == 1024)
            #expect(result.value(at: qemu + ["default_vcpus"])?.integer == 2)
            #expect(result.value(at: qemu + ["kernel_params"])?.string?.contains("vsyscall=emulate") == true)
            #expect(result.value(at: qemu + ["machine_type"])?.string == "q35")
            #expect(result.value(at: qemu + ["shared_fs"])?.string == "virtio-9p")
            #expect(result.value(at: qemu + ["kernel"])?.string == "/opt/k/share/kata-swift/vmlinuz")
            #expect(!TargetLayout().assets.kernel.string.contains("clear-containers"))
        }
    }

    @Test(arguments: ["", "# nothing\n", "[package]\nname = \"x\"\n", "{\"vm\": {}}", "\u{0}\u{1}", "[hypervisor.qemu\n"])
    func whatNoDialectClaimsIsNotTranslated(text: String) {
        let conversion = Conversion(of: SourceText(path: "/some.file", text: text), layout: TargetLayout())
        #expect(conversion.bytes == nil)
        #expect(conversion.diagnostics.contains { $0.severity == .error })
    }

    @Test func whatTheOldRuntimeRefusedIsNotTranslated() {
        let text = "[hypervisor.qemu]\ndefault_memory = \"much\"\n[proxy.cc]\n[shim.cc]\n"
        let conversion = Conversion(of: SourceText(path: "/c.toml", text: text), layout: TargetLayout())
        #expect(conversion.translation?.dialect == ClearContainersV3.id)
        #expect(conversion.bytes == nil)
    }
}
