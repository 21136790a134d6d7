// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// What os-release(5) says of the host.
package struct OperatingSystem: Sendable, Equatable {
    package let id: String
    package let version: String?
    package let name: String

    /// Nil when the host does not say.
    static func found(by survey: inout Survey) -> OperatingSystem? {
        guard let bytes = survey.read("/etc/os-release") ?? survey.read("/usr/lib/os-release") else { return nil }
        var values: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[String(parts[0])] = unquoted(parts[1])
        }
        guard let id = values["ID"] else { return nil }
        return OperatingSystem(id: id, version: values["VERSION_ID"], name: values["PRETTY_NAME"] ?? id)
    }

    private static func unquoted(_ value: Substring) -> String {
        guard let quote = value.first, quote == "\"" || quote == "'", value.count >= 2, value.last == quote else { return String(value) }
        return String(value.dropFirst().dropLast())
    }
}
