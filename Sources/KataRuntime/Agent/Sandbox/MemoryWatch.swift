// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// Hears when the kernel ends a process of a container for want of memory. Confined to the sandbox actor.
final class MemoryWatch {
    private let file: SharedFD
    private let loop: AgentLoop
    private var wait: AgentLoop.Wait?
    private var isOver = false
    /// Those that were reported.
    private(set) var count: UInt64 = 0

    /// - Throws: for a kernel without the memory controller.
    init(_ group: FilePath, loop: AgentLoop) throws(SystemError) {
        file = SharedFD(try OwnedFD.open(group.appending("memory.events"), O_RDONLY))
        self.loop = loop
    }

    /// Calls `report` for each such end until `stop`.
    func run(isolation: isolated any Actor, _ report: () -> Void) async {
        while !isOver, (try? look(report)) != nil {  // the group is gone
            let wait = loop.makeWait()
            self.wait = wait
            guard await loop.ready(file.raw, .changed, as: wait) else { return }
        }
    }

    /// Must come before the group goes.
    func stop() {
        isOver = true
        if let wait { loop.giveUp(wait) }
    }

    /// Calls `report` for each that has not been reported.
    func look(_ report: () -> Void) throws(SystemError) {
        let now = try kills()
        for _ in count..<max(count, now) { report() }
        count = now
    }

    private func kills() throws(SystemError) -> UInt64 {
        try syscall("lseek", "memory.events") { CInt(clamping: lseek(file.raw, 0, SEEK_SET)) }
        let text = String(decoding: try file.read(upTo: 4096), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { UInt64($0.dropFirst("oom_kill ".utf8.count)) } ?? 0
    }
}
