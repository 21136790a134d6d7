// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataConfig
internal import KataHypervisor
internal import KataSandbox
internal import KataSystem
internal import KataText
internal import SystemPackage

package struct Env: ParsableCommand {
    package static let configuration = CommandConfiguration(
        abstract: "Say what containers would run with.", aliases: ["kata-env"])

    @ParentCommand private var parent: KataRuntimeCommand

    @Flag(help: "As JSON.")
    var json = false

    package init() {}

    package func run() throws {
        let outcome = ConfigurationLayers.load(
            path: try parent.context.configuration, environment: Environment.variables(), translateLegacy: LegacyFiles.translate)
        guard let configuration = outcome.result.value?.configuration, let file = outcome.file else {
            throw ConfigurationRefused(outcome)
        }
        let report = EnvReport(
            configuration, file: file, accelerator: try HostAccelerator.decide(configuration.hypervisor.accelerator).accelerator,
            program: FilePath(try FileSystem.readLink("/proc/self/exe")), hostRelease: try HostKernel.release())
        write(json ? String(decoding: try encodeJSON(report, pretty: true), as: UTF8.self) + "\n" : report.text, to: STDOUT_FILENO)
    }
}

/// What containers would run with; the names of tables and keys are those of `kata-env`.
struct EnvReport: Encodable {
    struct Program: Encodable {
        let path: String
        let version: String
        let ociVersion: String
        let configuration: String

        enum CodingKeys: String, CodingKey {
            case path = "Path"
            case version = "Version"
            case ociVersion = "OCIVersion"
            case configuration = "Config"
        }
    }

    struct Machine: Encodable {
        let path: String
        let machineType: String
        let accelerator: String
        let memoryMiB: UInt32

        enum CodingKeys: String, CodingKey {
            case path = "Path"
            case machineType = "MachineType"
            case accelerator = "Accelerator"
            case memoryMiB = "MemoryMiB"
        }
    }

    struct Image: Encodable {
        let path: String
        enum CodingKeys: String, CodingKey { case path = "Path" }
    }

    struct Host: Encodable {
        let kernel: String
        enum CodingKeys: String, CodingKey { case kernel = "Kernel" }
    }

    let runtime: Program
    let hypervisor: Machine
    let kernel: Image
    let initrd: Image
    let host: Host

    enum CodingKeys: String, CodingKey {
        case runtime = "Runtime"
        case hypervisor = "Hypervisor"
        case kernel = "Kernel"
        case initrd = "Initrd"
        case host = "Host"
    }

    init(_ configuration: KataConfiguration, file: FilePath, accelerator: Accelerator, program: FilePath, hostRelease: String) {
        let hypervisor = configuration.hypervisor
        runtime = Program(
            path: program.string, version: RuntimeVersion.number, ociVersion: RuntimeVersion.specification, configuration: file.string)
        self.hypervisor = Machine(
            path: hypervisor.path.string, machineType: hypervisor.machineType.rawValue, accelerator: accelerator.rawValue,
            memoryMiB: hypervisor.memoryMiB)
        kernel = Image(path: hypervisor.kernel.string)
        initrd = Image(path: hypervisor.initrd.string)
        host = Host(kernel: hostRelease)
    }

    var text: String {
        [
            ("Runtime", "\(runtime.path), version \(runtime.version), runtime-spec \(runtime.ociVersion)"),
            ("Configuration", runtime.configuration),
            ("Hypervisor", "\(hypervisor.path), \(hypervisor.machineType), \(hypervisor.accelerator), \(hypervisor.memoryMiB) MiB"),
            ("Kernel", kernel.path), ("Initrd", initrd.path), ("Host kernel", host.kernel),
        ].map { name, value in name + String(repeating: " ", count: 15 - name.count) + value + "\n" }.joined()
    }
}
