// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CLinux
internal import KataSystem
internal import KataText
internal import SystemPackage

/// Format of `--log`.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// Where a failed command says why: on stderr for people, and in the file of `--log` for the engine that called.
///
/// docker and containerd show a container's creator the `msg` of the last line with `level` error of a JSON log.
struct ErrorLog {
    private let path: FilePath?
    private let format: LogFormat

    init(path: FilePath?, format: LogFormat) {
        self.path = path
        self.format = format
    }

    /// Looks into the arguments itself: they may be what is wrong.
    init(_ arguments: [String]) {
        path = Self.value(of: "--log", in: arguments).map { FilePath($0) }
        format = Self.value(of: "--log-format", in: arguments).flatMap { LogFormat(rawValue: $0) } ?? .text
    }

    private static func value(of option: String, in arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { return nil }
            if argument == option { return arguments.indices.contains(index + 1) ? arguments[index + 1] : nil }
            if argument.hasPrefix(option + "=") { return String(argument.dropFirst(option.count + 1)) }
        }
        return nil
    }

    func report(_ message: String) {
        write("kata-runtime: \(message)\n", to: STDERR_FILENO)
        append(message, .error)
    }

    /// Where nothing but this command speaks.
    func warn(_ message: String) {
        if path == nil { write("kata-runtime: \(message)\n", to: STDERR_FILENO) } else { append(message, .warning) }
    }

    enum Level: String { case debug, warning, error }

    /// To the log file alone: the standard error of `create` is the container's.
    func append(_ message: String, _ level: Level) {
        guard let path else { return }
        do {
            let file = try OwnedFD.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o644)
            try file.writeAll(line(message, level))
        } catch {
            write("kata-runtime: write log '\(path)': \(errorChain(error))\n", to: STDERR_FILENO)
        }
    }

    func line(_ message: String, _ level: Level = .error, at time: Timestamp = .now()) -> [UInt8] {
        switch format {
        case .text: return Array("time=\"\(time.rfc3339)\" level=\(level.rawValue) msg=\(quoted(message))\n".utf8)
        case .json:
            guard let entry = try? encodeJSON(["level": level.rawValue, "msg": message, "time": time.rfc3339], pretty: false) else {
                preconditionFailure("strings cannot be written as JSON")
            }
            return entry + [UInt8(ascii: "\n")]
        }
    }

    private func quoted(_ text: String) -> String {
        guard let bytes = try? encodeJSON(text, pretty: false) else { preconditionFailure("a string cannot be written as JSON") }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Text for a person; a closed terminal is no reason to fail.
func write(_ text: String, to descriptor: CInt) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let written = bytes.withUnsafeBytes { CLinux.write(descriptor, $0.baseAddress, $0.count) }
        if written <= 0 { return }
        bytes = bytes.dropFirst(written)
    }
}
