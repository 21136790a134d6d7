// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

// What the daemons of runV up to 0.8.1 noted of the lives of containers, a line of JSON for each event.
extension RecordReading {
    /// Whether the directory of a container is one of those that a daemon for all containers keeps.
    func isDaemon(_ directory: FilePath) -> Bool { directory.removingLastComponent() == RunVRecords.daemonRoot }

    /// The log of the daemon that held a container; nil where there was none, or a link leads elsewhere.
    func runVLog(_ links: [String: String], _ directory: FilePath) -> FilePath? {
        if isDaemon(directory) { return RunVRecords.daemonRoot.appending("events.log") }
        // /var/run leads to /run.
        guard let target = links["namespace"].map({ $0.hasPrefix("/var/run/") ? String($0.dropFirst("/var".count)) : $0 }),
            target.hasPrefix(RunVRecords.namespacePrefix), !target.dropFirst("/run/".count).contains("/"), let daemon = usablePath(target)
        else { return nil }
        return daemon.appending("events.log")
    }

    /// The statuses with which the first processes of containers ended, by container; one that was started again is not among them.
    mutating func runVEnds(in log: FilePath) -> [String: Int32] {
        var ends: [String: Int32] = [:]
        var isDamaged = false
        // A daemon for all containers may have written for months, of other processes above all.
        let text = plainText(log, limit: RecordLimits.configuration) ?? ""
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where line.contains("\"init\"".utf8) || line.contains("\"start-container\"".utf8) {
            let parsed = JSONDocument.parse(SourceText(path: log, bytes: Array(line))).value
            guard let event = parsed?.root, let id = event["id"]?.string, let status = Self.status(of: event) else {
                // Whoever damaged it may have damaged thousands.
                if !isDamaged { report(.surprise, .warning, "line \(index + 1) is no event of runV", log) }
                isDamaged = true
                continue
            }
            switch event["type"]?.string {
            case "start-container"?: ends[id] = nil
            case "exit"? where event["pid"]?.string == "init": ends[id] = status
            default: break
            }
        }
        return ends
    }

    /// Go leaves out what is 0; nil for what no process ends with.
    private static func status(of event: JSONValue) -> Int32? {
        guard let status = event["status"], !status.isNull else { return 0 }
        return status.integer.flatMap { (0...255).contains($0) ? Int32($0) : nil }
    }
}
