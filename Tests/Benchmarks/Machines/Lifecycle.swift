// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage

/// What each command takes that an engine gives in a container's life, in milliseconds, and what the container takes of the host's memory
/// meanwhile, in MiB; the runtimes take turns, so that a busy moment meets each.
func lifecycleFigures(_ runtimes: [MeasuredRuntime], rounds: Int = 7) throws -> [(what: String, samples: [Sample])] {
    var names: [String] = []
    var samples: [String: [Sample]] = [:]
    for round in 0..<rounds {
        for (index, runtime) in runtimes.enumerated() {
            let id = "bench-\(getpid())-\(round)"
            func add(_ name: String, _ value: Double) {
                if samples[name] == nil { names.append(name) }
                samples[name, default: runtimes.map { _ in Sample() }][index].add(value)
            }
            do {
                try BusyboxBundle.specify(runtime.bundle, ["sleep", "1000"])
                add("create, ms", try runtime.call("create", "--bundle", runtime.bundle.string, id).milliseconds)
                add("start, ms", try runtime.call("start", id).milliseconds)
                add("state, ms", try runtime.call("state", id).milliseconds)
                add("exec /bin/true, ms", try runtime.call("exec", id, "/bin/true").milliseconds)
                add("exec /bin/true, ten at once, ms", try runtime.manyExecs(10, in: id))
                let used = try ProcessMemory.of(id, initial: try runtime.initialProcess(of: id))
                add("memory of its processes, guest included, MiB", used.map(\.mebibytes).reduce(0, +))
                add("memory of those but the hypervisor, MiB", used.filter { !$0.isHypervisor }.map(\.mebibytes).reduce(0, +))
                let began = ContinuousClock.now
                try runtime.call("kill", id, "KILL")
                while try !runtime.call("state", id).text.contains("\"stopped\"") {}
                add("kill until state says stopped, ms", (ContinuousClock.now - began) / .milliseconds(1))
                add("delete, ms", try runtime.call("delete", id).milliseconds)
                try BusyboxBundle.specify(runtime.bundle, ["true"])
                add(
                    "run /bin/true, from nothing to nothing, ms",
                    try runtime.call("run", "--bundle", runtime.bundle.string, id).milliseconds)
            } catch {
                runtime.remove(id)
                throw error
            }
        }
    }
    return names.compactMap { name in samples[name].map { (name, $0) } }
}

/// What a further container takes whose pod has a machine already: the first one may be a pause container.
func podFigures(_ runtime: MeasuredRuntime, rounds: Int = 5) throws -> [(what: String, samples: [Sample])] {
    var (create, start, memory) = (Sample(), Sample(), Sample())
    let member = runtime.bundle.removingLastComponent().appending("member")
    try BusyboxBundle.makeRoot(member.appending("rootfs"))
    for round in 0..<rounds {
        let (pod, id) = ("bench-pod-\(getpid())-\(round)", "bench-member-\(getpid())-\(round)")
        defer { for name in [id, pod] { runtime.remove(name) } }
        try BusyboxBundle.specify(runtime.bundle, ["sleep", "1000"])
        try runtime.call("run", "--detach", "--bundle", runtime.bundle.string, pod)
        let pause = try runtime.initialProcess(of: pod)
        try BusyboxBundle.specify(member, ["sleep", "1000"]) { document in
            document["hostname"] = nil
            document["annotations"] = ["io.kubernetes.cri-o.ContainerType": "container", "io.kubernetes.cri-o.SandboxID": pod]
            document["linux"] = [
                "namespaces": [["type": "mount"], ["type": "pid"]]
                    + [("network", "net"), ("ipc", "ipc"), ("uts", "uts")].map { ["type": $0, "path": "/proc/\(pause)/ns/\($1)"] }
            ]
        }
        create.add(try runtime.call("create", "--bundle", member.string, id).milliseconds)
        start.add(try runtime.call("start", id).milliseconds)
        memory.add(try ProcessMemory.of(id, initial: try runtime.initialProcess(of: id)).map(\.mebibytes).reduce(0, +))
    }
    return [
        ("a further container of a pod: create, ms", [create]), ("a further container of a pod: start, ms", [start]),
        ("a further container of a pod: memory of its processes, MiB", [memory]),
    ]
}

/// How long `state` is behind a process of the container's that the host ended.
func crashFigures(_ runtime: MeasuredRuntime, rounds: Int = 5) throws -> [(what: String, samples: [Sample])] {
    let victims: [(String, (String) throws -> Int32)] = [
        ("hypervisor", { try process("qemu-system", of: $0) }), ("shim", { try process("kata-shim", of: $0) }),
        ("stand-in", runtime.initialProcess),
    ]
    return try victims.map { title, victim in
        var late = Sample()
        for round in 0..<rounds {
            let id = "bench-crash-\(getpid())-\(round)"
            defer { runtime.remove(id) }
            try BusyboxBundle.specify(runtime.bundle, ["sleep", "1000"])
            try runtime.call("run", "--detach", "--bundle", runtime.bundle.string, id)
            let pid = try victim(id)
            let began = ContinuousClock.now
            kill(pid, SIGKILL)
            while try !runtime.call("state", id).text.contains("\"stopped\"") {}
            late.add((ContinuousClock.now - began) / .milliseconds(1))
        }
        return ("kill -9 of the \(title) until state says stopped, ms", [late])
    }
}

/// The one process of this name whose command line names a container.
private func process(_ name: String, of id: String) throws -> Int32 {
    let found = try FileSystem.list("/proc").compactMap { Int32($0) }.filter { pid in
        let words = (try? FileSystem.read(FilePath("/proc/\(pid)/cmdline"))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return pid != getpid() && words.prefix { $0 != "\0" }.contains(name) && words.contains(id)
    }
    guard found.count == 1 else { throw MeasuredRuntime.Failure(command: "find \(name)", text: "\(found.count) processes are of \(id)") }
    return found[0]
}

extension MeasuredRuntime {
    fileprivate func initialProcess(of id: String) throws -> Int32 {
        struct State: Decodable {
            let pid: Int32
        }
        return try JSONDecoder().decode(State.self, from: Data(call("state", id).text.utf8)).pid
    }

    /// Milliseconds until the last of several processes has ended that were asked for at once.
    fileprivate func manyExecs(_ count: Int, in id: String) throws -> Double {
        let began = ContinuousClock.now
        let children = try (0..<count).map { _ in try start("exec", id, "/bin/true") }
        for child in children {
            let status = try child.wait()
            guard status == .exited(0) else { throw Failure(command: "exec \(id)", text: "\(status)") }
        }
        return (ContinuousClock.now - began) / .milliseconds(1)
    }
}

/// What a process holds of the host's memory, what several share divided (proc_pid_smaps(5), Pss).
private struct ProcessMemory {
    let isHypervisor: Bool
    let mebibytes: Double

    /// The process that stands for the container, and those whose command line names it.
    static func of(_ id: String, initial: Int32) throws -> [ProcessMemory] {
        try FileSystem.list("/proc").compactMap { name in
            guard let pid = Int32(name), pid != getpid(), let words = try? FileSystem.read(FilePath("/proc/\(name)/cmdline")),
                // It may have ended just now.
                let rollup = try? FileSystem.read(FilePath("/proc/\(name)/smaps_rollup")),
                let line = String(decoding: rollup, as: UTF8.self).split(separator: "\n").first(where: { $0.hasPrefix("Pss:") }),
                let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
            else { return nil }
            let command = String(decoding: words, as: UTF8.self)
            guard pid == initial || command.contains(id) else { return nil }
            return ProcessMemory(isHypervisor: command.contains("qemu"), mebibytes: kibibytes / 1024)
        }
    }
}
