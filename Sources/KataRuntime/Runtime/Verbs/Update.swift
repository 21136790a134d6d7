// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataBundle
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

    @Option(parsing: .unconditional, help: "Bytes, also as 64m or 1g; -1 for no limit.")
    var memory: ByteAmount?

    @Option(parsing: .unconditional, help: "Bytes that stay with the container under pressure.")
    var memoryReservation: ByteAmount?

    @Option(parsing: .unconditional, help: "Memory and swap together in bytes, -1 for no limit.")
    var memorySwap: ByteAmount?

    @Option(parsing: .unconditional, help: "Microseconds of processor time in each period, -1 for no limit.")
    var cpuQuota: Int64?

    @Option(help: "Microseconds.")
    var cpuPeriod: UInt64?

    @Option(help: "Relative weight, 2 to 262144.")
    var cpuShare: UInt64?

    @Option(help: "List of processors such as 0-1.")
    var cpusetCpus: String?

    @Option(help: "List of memory nodes.")
    var cpusetMems: String?

    @Option(parsing: .unconditional, help: "Tasks, -1 for no limit.")
    var pidsLimit: Int64?

    @Option(help: "Relative weight of block I/O, 10 to 1000.")
    var blkioWeight: UInt16?

    @OptionGroup private var refused: RefusedUpdateOptions

    @Argument(help: "Name of the container.")
    var id: String

    package init() {}

    package func run() throws {
        try refused.check()
        let (wanted, ignored) = if let resources { try Self.read(resources) } else { (try given(), [String]()) }
        let (client, id) = try ShimClient.of(id, parent, act: "update") { $0 != .stopped && $0 != .creating }
        let message = WireLinuxResources(wanted)
        _ = try waitFor {
            try await client.tasks.update(
                .with {
                    $0.id = id.rawValue
                    $0.resources = message
                })
        }
        for notice in ignored + wanted.unappliedParts(isUpdate: true) { parent.errors.warn(notice) }
    }

    /// What the flags ask for.
    func given() throws(UpdateFailure) -> LinuxResources {
        let wanted = LinuxResources(
            memory: LinuxMemory(
                limit: memory?.bytes, reservation: memoryReservation?.bytes, swap: memorySwap?.bytes, kernel: refused.kernelMemory?.bytes,
                kernelTCP: refused.kernelMemoryTcp?.bytes),
            cpu: LinuxCPU(shares: cpuShare, quota: cpuQuota, period: cpuPeriod, cpus: cpusetCpus, mems: cpusetMems),
            pids: pidsLimit.map { LinuxPids(limit: $0) }, blockIO: blkioWeight.map { LinuxBlockIO(weight: $0) })
        let problems = Bundle.problems(of: wanted)
        guard problems.isEmpty else { throw .invalid(problems) }
        return wanted
    }

    private static let limit = 1 << 20

    private static func read(_ name: String) throws -> (LinuxResources, [String]) {
        let path = name == "-" ? FilePath("/dev/stdin") : try absolute(name)
        let bytes = name == "-" ? try standardInput() : try FileSystem.read(path, limit: limit)
        let (resources, ignored) = try Bundle.resources(SourceText(path: path, bytes: bytes))
        return (resources, ignored)
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

/// Flags of runc's `update` for what the container's machine does not have.
struct RefusedUpdateOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "Refused: the guest's kernel shares no real-time processor time out.")
    var cpuRtPeriod: String?

    @Option(parsing: .unconditional, help: "Refused, as --cpu-rt-period.")
    var cpuRtRuntime: String?

    @Option(help: "Refused: resctrl of the host does not reach into a virtual machine.")
    var l3CacheSchema: String?

    @Option(help: "Refused, as --l3-cache-schema.")
    var memBwSchema: String?

    @Option(parsing: .unconditional, help: .hidden)
    var kernelMemory: ByteAmount?

    @Option(parsing: .unconditional, help: .hidden)
    var kernelMemoryTcp: ByteAmount?

    func check() throws(UpdateFailure) {
        let noResctrl = "resctrl of the host does not reach into the container's virtual machine"
        for (flag, value, reason) in [
            ("--cpu-rt-period", cpuRtPeriod, LinuxResources.noRealTime), ("--cpu-rt-runtime", cpuRtRuntime, LinuxResources.noRealTime),
            ("--l3-cache-schema", l3CacheSchema, noResctrl), ("--mem-bw-schema", memBwSchema, noResctrl),
        ] where value != nil {
            throw .refused(flag, reason)
        }
    }
}

enum UpdateFailure: FaultyError {
    case invalid([String])
    case refused(String, String)

    var fault: Fault { .user }

    var description: String {
        switch self {
        case .invalid(let problems): "update: " + problems.joined(separator: "; ")
        case .refused(let flag, let reason): "update: \(flag): \(reason)"
        }
    }
}
