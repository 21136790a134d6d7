// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Severity of a console line; the names are Kata's `agent.log` values.
package enum LogLevel: Int, Sendable, Comparable {
    case trace, debug, info, warning, error, critical

    package init?(kataName: String) {
        switch kataName {
        case "trace": self = .trace
        case "debug": self = .debug
        case "info": self = .info
        case "warn": self = .warning
        case "error": self = .error
        case "critical": self = .critical
        default: return nil
        }
    }

    var name: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .warning: "warn"
        case .error: "error"
        case .critical: "critical"
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

/// Writes one JSON object a line to standard error, which is the console of PID 1.
package struct ConsoleLog: Sendable {
    package let threshold: LogLevel

    package init(threshold: LogLevel) { self.threshold = threshold }

    /// - Parameter message: a constant phrase; what varies belongs into `fields`.
    package func write(_ level: LogLevel, _ message: StaticString, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        guard level >= threshold else { return }
        let line = Self.line(level, "\(message)", fields, bootTime: cl_boot_time()) + "\n"
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { CLinux.write(2, $0.baseAddress, $0.count) }
            // A console that refuses bytes leaves nobody to tell.
            guard written > 0 || cl_errno() == EINTR else { return }
            if written > 0 { bytes = bytes.dropFirst(written) }
        }
    }

    /// One line without its end; `bootTime` is CLOCK_BOOTTIME in nanoseconds.
    package static func line(
        _ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, LogValue>, bootTime: UInt64
    ) -> String {
        var text = #"{"level":"\#(level.name)","boottime_ns":\#(bootTime),"message":\#(quoted(message))"#
        for (key, value) in fields {
            text += ",\(quoted(key)):"
            switch value {
            case .text(let string): text += quoted(string)
            case .number(let number): text += "\(number)"
            }
        }
        return text + "}"
    }

    private static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

/// A field of a console line.
package enum LogValue: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringInterpolation {
    case text(String)
    case number(Int64)

    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .number(value) }
}
