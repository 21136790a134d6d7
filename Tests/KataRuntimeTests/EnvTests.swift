// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite struct EnvTests {
    /// Of `kata-env --json` of Kata 1.12.
    private static let keys: Set<String> = [
        "Meta.Version", "Runtime.Debug", "Runtime.Trace", "Runtime.DisableGuestSeccomp", "Runtime.DisableNewNetNs",
        "Runtime.SandboxCgroupOnly", "Runtime.Experimental", "Runtime.Path", "Runtime.Version.OCI", "Runtime.Version.Version.Semver",
        "Runtime.Version.Version.Major", "Runtime.Version.Version.Minor", "Runtime.Version.Version.Patch",
        "Runtime.Version.Version.Commit", "Runtime.Config.Path", "Hypervisor.MachineType", "Hypervisor.Version", "Hypervisor.Path",
        "Hypervisor.BlockDeviceDriver", "Hypervisor.EntropySource", "Hypervisor.SharedFS", "Hypervisor.VirtioFSDaemon",
        "Hypervisor.Msize9p", "Hypervisor.MemorySlots", "Hypervisor.PCIeRootPort", "Hypervisor.HotplugVFIOOnRootBus",
        "Hypervisor.Debug", "Hypervisor.UseVSock", "Image.Path", "Kernel.Path", "Kernel.Parameters", "Initrd.Path", "Proxy.Type",
        "Proxy.Version", "Proxy.Path", "Proxy.Debug", "Shim.Type", "Shim.Version", "Shim.Path", "Shim.Debug", "Agent.Type",
        "Agent.Debug", "Agent.Trace", "Agent.TraceMode", "Agent.TraceType", "Host.Kernel", "Host.Architecture", "Host.Distro.Name",
        "Host.Distro.Version", "Host.CPU.Vendor", "Host.CPU.Model", "Host.VMContainerCapable", "Host.SupportVSocks",
        "Netmon.Version", "Netmon.Path", "Netmon.Debug", "Netmon.Enable",
    ]

    private static func names(_ value: Any, below path: String = "") -> [String: Any] {
        guard let object = value as? [String: Any] else { return [path: value] }
        return object.reduce(into: [:]) { all, member in
            all.merge(names(member.value, below: path.isEmpty ? member.key : path + "." + member.key)) { first, _ in first }
        }
    }

    @Test(.needs(.root)) func whatScriptsReadFromKataEnvIsThere() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending("configuration.toml")
            let text = """
                [hypervisor.qemu]
                path = "/no/qemu"
                kernel = "/no/kernel"
                initrd = "/no/initrd"
                kernel_params = "quiet loglevel=3"
                default_memory = 300
                block_device_driver = "virtio-scsi"
                accelerator = "tcg"
                [agent.kata]
                [runtime]
                disable_guest_seccomp = true
                """
            try AtomicFile.write(Array(text.utf8), to: file)
            let program = TestMachine.debugBinaries.appending("kata-runtime")
            let json = try await runProgram(program, ["--config", file.string, "kata-env", "--json"])
            #expect(json.status == .exited(0), "\(json.errorText)")
            let values = Self.names(try JSONSerialization.jsonObject(with: Data(json.output)))
            #expect(Self.keys.subtracting(values.keys) == [])
            #expect(values["Kernel.Parameters"] as? String == "quiet loglevel=3")
            #expect(values["Runtime.DisableGuestSeccomp"] as? Bool == true)
            #expect(values["Runtime.Config.Path"] as? String == file.string)
            #expect(values["Hypervisor.MemoryMiB"] as? Int == 300)
            #expect(values["Hypervisor.Version"] as? String == "", "a program that is not there says nothing")
            #expect(values["Hypervisor.BlockDeviceDriver"] as? String == "virtio-blk", "what disks are")
            #expect((values["Host.CPU.Model"] as? String)?.isEmpty == false)

            let toml = try await runProgram(program, ["--config", file.string, "env"])
            let root = try #require(TOMLDocument.parse(SourceText(path: "env.toml", bytes: toml.output)).value).root
            for (name, value) in values {
                let found = root.value(at: name.split(separator: ".").map(String.init))
                #expect(found != nil, "\(name)")
                if let text = value as? String { #expect(found?.string == text, "\(name)") }
            }
        }
    }
}
