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
        abstract: "Say what containers would run with, as TOML.", aliases: ["kata-env"])

    @ParentCommand private var parent: KataRuntimeCommand

    @Flag(help: "As JSON.")
    var json = false

    package init() {}

    package func run() throws {
        let outcome = try parent.context.loadConfiguration()
        guard let resolved = outcome.result.value, let file = outcome.file else { throw ConfigurationRefused(outcome) }
        let hypervisor = resolved.configuration.hypervisor
        let report = EnvReport(
            resolved, file: file, program: FilePath(try FileSystem.readLink("/proc/self/exe")),
            hypervisorVersion: try Self.version(of: hypervisor.path),
            host: try .here(accelerator: try HostAccelerator.decide(hypervisor.accelerator).accelerator))
        let bytes = json ? try report.json() + [UInt8(ascii: "\n")] : report.toml
        write(String(decoding: bytes, as: UTF8.self), to: STDOUT_FILENO)
    }

    /// The first line of what the program says; empty where it is not installed.
    private static func version(of hypervisor: FilePath) throws -> String {
        guard FileSystem.exists(hypervisor) else { return "" }
        let text = try Subprocess(program: hypervisor, arguments: [hypervisor.string, "--version"]).output(limit: 1 << 16)
        return String(text.split(separator: "\n").first ?? "")
    }
}

extension EnvReport.Host {
    static func here(accelerator: Accelerator) throws -> EnvReport.Host {
        let release = try fields(of: ["/etc/os-release", "/usr/lib/os-release"], separator: "=")
        let processor = try fields(of: ["/proc/cpuinfo"], separator: ":")
        return EnvReport.Host(
            kernel: try HostKernel.release(), architecture: HostKernel.architecture,
            distribution: (release["NAME"] ?? "", release["VERSION_ID"] ?? ""),
            processor: (processor["vendor_id"] ?? "", processor["model name"] ?? ""), accelerator: accelerator,
            hasVsock: FileSystem.exists("/dev/vhost-vsock"))
    }

    /// `name SEPARATOR value` lines of the first of the files that exists, the first of a name; quotes of os-release(5) taken off.
    private static func fields(of files: [FilePath], separator: Character) throws -> [String: String] {
        guard let file = files.first(where: FileSystem.exists) else { return [:] }
        let text = String(decoding: try FileSystem.read(file, limit: 1 << 24), as: UTF8.self)
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: separator, maxSplits: 1)
            guard parts.count == 2 else { return nil }
            let value = trimmed(parts[1])
            return (
                trimmed(parts[0]),
                value.count > 1 && value.first == "\"" && value.last == "\"" ? String(value.dropFirst().dropLast()) : value
            )
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
