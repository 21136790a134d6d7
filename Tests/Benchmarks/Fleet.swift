// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
import SystemPackage

/// A host with many sandboxes of Clear Containers 3.0 that nobody runs, in memory: what is measured is the program and not a disk.
struct Fleet {
    let root: FilePath
    let sandboxes: Int

    /// One of the fixture's sandboxes under as many other names.
    ///
    /// - Parameter ballast: the bytes of a file that somebody left in the records of the first.
    init(of sandboxes: Int, ballast: Int = 0) throws {
        root = FilePath("/dev/shm/kata-fleet.\(getpid())")
        self.sandboxes = sandboxes
        let model = Repository.fixtures.appending("hosts/clear-containers-3.0-docker/tree")
        try copy(["etc/clear-containers/configuration.toml", "etc/os-release"], of: model)
        for path in ["usr/local/bin/kata-runtime", "usr/local/libexec/kata-swift/legacy/cc-runtime"] {
            try write([], to: path, mode: 0o755)
        }
        let record = try FileSystem.read(model.appending("var/lib/virtcontainers/pods/nightly-report/config.json"))
        let container = try FileSystem.read(model.appending("var/lib/virtcontainers/pods/nightly-report/nightly-report/config.json"))
        let bundle = try FileSystem.read(model.appending("srv/oci/nightly-report/config.json"))
        for number in 0..<sandboxes {
            let name = "report-\(number)"
            func renamed(_ bytes: [UInt8]) -> [UInt8] {
                Array(String(decoding: bytes, as: UTF8.self).replacing("nightly-report", with: name).utf8)
            }
            try write(renamed(record), to: "var/lib/virtcontainers/pods/\(name)/config.json", mode: 0o644)
            try write(renamed(container), to: "var/lib/virtcontainers/pods/\(name)/\(name)/config.json", mode: 0o644)
            try write(renamed(bundle), to: "srv/oci/\(name)/config.json", mode: 0o644)
            try FileSystem.makeDirectory(root.appending("srv/oci/\(name)/rootfs"))
        }
        if ballast > 0 { try write(Array(repeating: 0x2E, count: ballast), to: "var/lib/virtcontainers/pods/report-0/trace", mode: 0o600) }
    }

    func remove() throws { try FileSystem.removeTree(root) }

    private func copy(_ paths: [String], of model: FilePath) throws {
        for path in paths { try write(try FileSystem.read(model.appending(path)), to: path, mode: 0o644) }
    }

    private func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws {
        let place = root.appending(path)
        try FileSystem.makeDirectory(place.removingLastComponent())
        let file = try OwnedFD.open(place, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
        try file.writeAll(bytes)
    }
}

/// A run of the program that was built with the benchmarks.
struct MigrationRun {
    let seconds: Double
    /// MiB, as the kernel counts the pages of a process.
    let peak: Double

    /// - Throws: what the program ended with, unless it is one of `expected`.
    init(_ arguments: [String], endingWith expected: [Int32] = [0]) throws {
        let program = TestMachine.binaries.appending("kata-migrate")
        let null = SharedFD(try OwnedFD.open("/dev/null", O_WRONLY))
        let clock = ContinuousClock()
        let began = clock.now
        let child = try Subprocess(
            program: program, arguments: [program.string] + arguments, environment: ["PATH=/usr/bin:/bin"],
            descriptors: [1: null, 2: null]
        ).spawn()
        let pid = child.pid
        var peak = 0.0
        // It only grows, and is gone when the process has ended.
        while let status = try? FileSystem.read(FilePath("/proc/\(pid)/status"), limit: 1 << 16),
            let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(whereSeparator: { $0.isWhitespace }).dropFirst().first.flatMap({ Double($0) })
        {
            peak = kilobytes / 1024
            usleep(2_000)
        }
        let status = try child.wait()
        let spent = clock.now - began
        seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
        self.peak = peak
        guard expected.contains(where: { status == .exited($0) }) else { throw Unexpected(arguments: arguments, status: "\(status)") }
    }

    struct Unexpected: Error {
        let arguments: [String]
        let status: String
    }
}

/// A figure of a whole run with the most that it may be, or the least.
struct Figure {
    let name: String
    let size: String
    let value: Double
    let unit: String
    let bound: Double
    let isLeast: Bool

    var isMissed: Bool { isLeast ? value < bound : value > bound }
}

/// A thousand sandboxes planned, moved and taken back by the program itself.
func fleetFigures(sandboxes: Int = 1000, rounds: Int = 3) throws -> [Figure] {
    let size = "\(sandboxes) sandboxes"
    var plans: [MigrationRun] = []
    var documents: [MigrationRun] = []
    var applies: [MigrationRun] = []
    for _ in 0..<rounds {
        let fleet = try Fleet(of: sandboxes)
        let host = ["--root", fleet.root.string]
        plans.append(try MigrationRun(["plan"] + host))
        documents.append(try MigrationRun(["plan", "--format", "json"] + host))
        applies.append(try MigrationRun(["apply", "--yes", "--no-verify"] + host))
        _ = try MigrationRun(["rollback", "--yes"] + host, endingWith: [5])
        try fleet.remove()
    }
    func median(_ runs: [MigrationRun], _ figure: (MigrationRun) -> Double) -> Double { runs.map(figure).sorted()[rounds / 2] }
    func memoryOfApply(_ sandboxes: Int, ballast: Int = 0) throws -> Double {
        let fleet = try Fleet(of: sandboxes, ballast: ballast)
        let run = try MigrationRun(["apply", "--yes", "--no-verify", "--root", fleet.root.string])
        try fleet.remove()
        return run.peak
    }
    let memory = median(applies, \.peak)
    let growth = (memory - (try memoryOfApply(sandboxes / 4))) * 1024 / Double(sandboxes - sandboxes / 4)
    let few = try memoryOfApply(10)
    let beside = try memoryOfApply(10, ballast: 512 << 20)
    return [
        Figure(name: "plan", size: size, value: median(plans, \.seconds), unit: "s", bound: 2, isLeast: false),
        Figure(name: "plan, memory", size: size, value: median(plans, \.peak), unit: "MiB", bound: 48, isLeast: false),
        Figure(name: "plan as JSON", size: size, value: median(documents, \.seconds), unit: "s", bound: 2, isLeast: false),
        Figure(name: "plan as JSON, memory", size: size, value: median(documents, \.peak), unit: "MiB", bound: 64, isLeast: false),
        Figure(
            name: "apply", size: size, value: Double(sandboxes) / median(applies, \.seconds), unit: "sandboxes/s", bound: 200, isLeast: true
        ),
        Figure(name: "apply, memory", size: size, value: memory, unit: "MiB", bound: 48, isLeast: false),
        Figure(name: "apply, memory", size: "each sandbox more", value: growth, unit: "KiB", bound: 32, isLeast: false),
        Figure(name: "apply, memory", size: "512 MiB beside a record", value: beside - few, unit: "MiB more", bound: 4, isLeast: false),
    ]
}
