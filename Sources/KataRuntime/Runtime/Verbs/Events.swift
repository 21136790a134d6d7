// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import KataOCI
internal import KataSandbox
internal import KataSystem
internal import KataText
internal import KataWire

package struct Events: ParsableCommand {
    package static let configuration = CommandConfiguration(
        abstract: "Say what a container uses, one JSON line each interval, until it ends.")

    @ParentCommand private var parent: KataRuntimeCommand

    @Option(help: "Time between two lines, such as 5s or 500ms.")
    var interval: Interval = Interval(milliseconds: 5000)

    @Flag(help: "One line only.")
    var stats = false

    @Argument(help: "Name of the container.")
    var id: String

    package init() {}

    package func run() throws {
        let (client, id) = try ShimClient.of(id, parent, act: "measure") { $0 == .running || $0 == .paused }
        if stats { return try waitFor { try await Self.writeStatistics(client, id) } }
        try waitFor { [interval, root = try parent.context.stateRoot] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Self.followMemory(client, id) }
                group.addTask {
                    while true {
                        try await Self.writeStatistics(client, id)
                        try await Task.sleep(for: .milliseconds(interval.milliseconds))
                        guard let record = try? root.record(id), record.status() == .running || record.status() == .paused else { return }
                    }
                }
                // Whichever sees the container end first.
                try await group.next()
                group.cancelAll()
            }
        }
    }

    private static func writeStatistics(_ client: ShimClient, _ id: ContainerID) async throws {
        let answer = try await client.tasks.stats(.with { $0.id = id.rawValue })
        try writeLine(StatisticsEvent(id, answer.stats))
    }

    private static func followMemory(_ client: ShimClient, _ id: ContainerID) async throws {
        var seen: UInt64 = 0
        while true {
            let answer = try await client.tasks.outOfMemory(
                .with {
                    $0.id = id.rawValue
                    $0.seen = seen
                })
            for _ in seen..<answer.count { try writeLine(MemoryEvent(id: id.rawValue)) }
            seen = answer.count
            if answer.ended { return }
        }
    }

    private static func writeLine(_ event: some Encodable) throws {
        write(String(decoding: try encodeJSON(event, pretty: false), as: UTF8.self) + "\n", to: STDOUT_FILENO)
    }
}

/// runc's event of a container that ran out of memory.
private struct MemoryEvent: Encodable {
    let type = "oom"
    let id: String

    private enum CodingKeys: String, CodingKey {
        case type, id
    }
}

/// A time as Go writes it.
struct Interval: ExpressibleByArgument {
    let milliseconds: Int

    init(milliseconds: Int) { self.milliseconds = milliseconds }

    init?(argument: String) {
        let units: [(String, Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        guard let (suffix, factor) = units.first(where: { argument.hasSuffix($0.0) }),
            let number = Double(argument.dropLast(suffix.count)), number > 0, number * factor < 4_000_000
        else { return nil }
        milliseconds = Int(number * factor)
    }

    var defaultValueDescription: String { "\(milliseconds)ms" }
}
