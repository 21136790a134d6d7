// SPDX-License-Identifier: Apache-2.0

internal import KataSystem

/// Names of signals as kill(1) and docker know them (signal(7), x86).
enum SignalName {
    private static let names = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ]
    private static let aliases = ["IOT": 6, "CLD": 17, "POLL": 29]
    /// Real-time signals as glibc numbers them.
    private static let realTime = 34...64

    static func number(_ text: String) throws(UnknownSignal) -> Int32 {
        if let number = Int32(text) {
            guard (1...64).contains(number) else { throw UnknownSignal(text: text) }
            return number
        }
        let upper = text.uppercased()
        let name = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        if let index = names.firstIndex(of: name) { return Int32(index + 1) }
        if let alias = aliases[name] { return Int32(alias) }
        if let number = realTimeNumber(name), realTime.contains(number) { return Int32(number) }
        throw UnknownSignal(text: text)
    }

    private static func realTimeNumber(_ name: String) -> Int? {
        if name == "RTMIN" { return realTime.lowerBound }
        if name == "RTMAX" { return realTime.upperBound }
        if name.hasPrefix("RTMIN+") { return Int(name.dropFirst(6)).map { realTime.lowerBound + $0 } }
        if name.hasPrefix("RTMAX-") { return Int(name.dropFirst(6)).map { realTime.upperBound - $0 } }
        return nil
    }
}

struct UnknownSignal: FaultyError {
    let text: String
    var fault: Fault { .user }
    var description: String { "send signal '\(text)': no such signal, give a name such as TERM or a number from 1 to 64" }
}
