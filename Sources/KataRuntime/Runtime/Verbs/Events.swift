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
        let root = try parent.context.stateRoot
        let (client, id) = try ShimClient.of(id, parent, act: "measure") { $0 == .running || $0 == .paused }
        while true {
            let answer = try waitFor { try await client.tasks.stats(.with { $0.id = id.rawValue }) }
            let line = try encodeJSON(StatisticsEvent(id, answer.stats), pretty: false)
            write(String(decoding: line, as: UTF8.self) + "\n", to: STDOUT_FILENO)
            if stats { return }
            usleep(UInt32(clamping: interval.milliseconds * 1000))
            guard let record = try? root.record(id), record.status() == .running || record.status() == .paused else { return }  // deleted
        }
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
