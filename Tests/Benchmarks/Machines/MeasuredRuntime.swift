// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage

/// A runtime whose commands are timed, with a root and a bundle of its own.
struct MeasuredRuntime {
    let name: String
    let bundle: FilePath
    private let program: FilePath
    private let flags: [String]

    /// kata-runtime of this tree.
    ///
    /// - Parameter networkModel: the value of `internetworking_model`.
    static func ours(below directory: FilePath, networkModel: String = "tcfilter") throws -> MeasuredRuntime {
        let configuration = directory.appending("\(networkModel).toml")
        try FileSystem.makeDirectory(directory)
        try TestMachine.writeConfiguration(configuration, runtime: "internetworking_model = \"\(networkModel)\"")
        return try MeasuredRuntime(
            "kata-runtime", TestMachine.binaries.appending("kata-runtime"), ["--config", configuration.string],
            below: directory.appending(networkModel))
    }

    static func runc(below directory: FilePath) throws -> MeasuredRuntime {
        guard let runc = findProgram("runc") else { throw Failure(command: "runc", text: "is not installed") }
        return try MeasuredRuntime("runc", runc, [], below: directory.appending("runc"))
    }

    private init(_ name: String, _ program: FilePath, _ flags: [String], below directory: FilePath) throws {
        self.name = name
        self.program = program
        self.flags = ["--root", directory.appending("root").string] + flags
        bundle = directory.appending("bundle")
        try BusyboxBundle.makeRoot(bundle.appending("rootfs"))
    }

    /// What the guest runs on.
    func accelerator() throws -> String {
        struct Environment: Decodable {
            struct Hypervisor: Decodable {
                let accelerator: String

                enum CodingKeys: String, CodingKey {
                    case accelerator = "Accelerator"
                }
            }
            let hypervisor: Hypervisor

            enum CodingKeys: String, CodingKey {
                case hypervisor = "Hypervisor"
            }
        }
        return try JSONDecoder().decode(Environment.self, from: Data(call("env", "--json").text.utf8)).hypervisor.accelerator
    }

    /// One command with nothing on its standard input; what it takes to its end, in milliseconds.
    ///
    /// - Throws: when it does not end with 0.
    @discardableResult
    func call(_ verb: String...) throws -> (milliseconds: Double, text: String) {
        let command = flags + verb
        // A file: a container that lives on has it too, so that a pipe would not end.
        let output = FilePath("\(bundle)/output")
        let file = SharedFD(try OwnedFD.open(output, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, mode: 0o600))
        let clock = ContinuousClock()
        let began = clock.now
        let status = try Subprocess(program: program, arguments: [name] + command, descriptors: [1: file, 2: file]).spawn().wait()
        let spent = (clock.now - began) / .milliseconds(1)
        let text = String(decoding: try FileSystem.read(output), as: UTF8.self)
        guard status == .exited(0) else {
            throw Failure(command: ([name] + command).joined(separator: " "), text: "\(status): \(text)")
        }
        return (spent, text)
    }

    /// A command that is left running.
    func start(_ verb: String...) throws -> ChildProcess {
        try Subprocess(program: program, arguments: [name] + flags + verb).spawn()
    }

    /// What is left of a container when a command has failed.
    func remove(_ id: String) { _ = try? call("delete", "--force", id) }  // it may never have been

    struct Failure: Error, CustomStringConvertible {
        let command: String
        let text: String

        var description: String { "\(command): \(text)" }
    }
}

/// What was measured several times.
struct Sample {
    private var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }

    /// The median, and the best and the worst.
    var cell: String {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return "" }
        return "\(shown(sorted[sorted.count / 2])) (\(shown(first))–\(shown(last)))"
    }
}
