// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataText
internal import KataWire
internal import SystemPackage

package struct Update: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Change the resource limits of a container.")

    @ParentCommand private var parent: KataRuntimeCommand

    @Option(name: [.short, .long], help: "File with linux.resources as JSON, - for standard input; other options are then left aside.")
    var resources: String?

    @Option(help: "Bytes, -1 for no limit.")
    var memory: Int64?

    @Option(help: "Bytes that stay with the container under pressure.")
    var memoryReservation: Int64?

    @Option(help: "Memory and swap together in bytes, -1 for no limit.")
    var memorySwap: Int64?

    @Option(help: "Microseconds of processor time in each period, -1 for no limit.")
    var cpuQuota: Int64?

    @Option(help: "Microseconds.")
    var cpuPeriod: UInt64?

    @Option(help: "Relative weight, 2 to 262144.")
    var cpuShare: UInt64?

    @Option(help: "List of processors such as 0-1.")
    var cpusetCpus: String?

    @Option(help: "List of memory nodes.")
    var cpusetMems: String?

    @Option(help: "Tasks, -1 for no limit.")
    var pidsLimit: Int64?

    @Argument(help: "Name of the container.")
    var id: String

    package init() {}

    package func run() throws {
        let wanted = try resources.map(Self.read) ?? given
        let (client, id) = try ShimClient.of(id, parent, act: "update") { $0 != .stopped && $0 != .creating }
        let message = WireLinuxResources(wanted)
        _ = try waitFor {
            try await client.tasks.update(
                .with {
                    $0.id = id.rawValue
                    $0.resources = message
                })
        }
    }

    private var given: LinuxResources {
        LinuxResources(
            memory: LinuxMemory(limit: memory, reservation: memoryReservation, swap: memorySwap),
            cpu: LinuxCPU(shares: cpuShare, quota: cpuQuota, period: cpuPeriod, cpus: cpusetCpus, mems: cpusetMems),
            pids: pidsLimit.map { LinuxPids(limit: $0) })
    }

    private static let limit = 1 << 20

    private static func read(_ name: String) throws -> LinuxResources {
        let path = name == "-" ? FilePath("/dev/stdin") : try absolute(name)
        let bytes = name == "-" ? try standardInput() : try FileSystem.read(path, limit: limit)
        let parsed = JSONDocument.parse(SourceText(path: path, bytes: bytes))
        guard let document = parsed.value else { throw UpdateFailure.malformed(path, parsed.diagnostics.first?.message ?? "not JSON") }
        return try document.decode(LinuxResources.self)
    }

    private static func standardInput() throws -> [UInt8] {
        let input = try WorkloadStdio.ofThisProcess().input
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            let part = try input.read(upTo: 1 << 16)
            if part.isEmpty { break }
            bytes += part
        }
        return bytes
    }
}

enum UpdateFailure: FaultyError {
    case malformed(FilePath, String)

    var fault: Fault { .user }

    var description: String {
        switch self {
        case .malformed(let path, let problem): "update: parse resources '\(path)': \(problem)"
        }
    }
}
