// SPDX-License-Identifier: Apache-2.0

package import Compat
internal import SystemPackage

/// A package of the old system that the host's package manager has installed.
package struct InstalledPackage: Sendable, Equatable {
    package let name: String
    package let version: String

    /// Those that any old system offered; nil when the host has no database of packages that can be read here.
    static func found(by survey: inout Survey) -> [InstalledPackage]? {
        let offered = Set(LegacySystem.all.flatMap { $0.packages + $0.machine.packages })
        let status = survey.read("/var/lib/dpkg/status", limit: Survey.fileLimit)
        let debian = status.map { installed(inStatus: $0).filter { offered.contains($0.name) } }
        // Either program can be installed on a host of the other.
        let others = RPMDatabase.packages(by: &survey, where: offered.contains)
        return debian == nil && others == nil ? nil : (debian ?? []) + (others ?? [])
    }

    /// The stanzas of dpkg's status file whose package is there; one that was removed stays listed with its configuration.
    static func installed(inStatus bytes: [UInt8]) -> [InstalledPackage] {
        var packages: [InstalledPackage] = []
        var fields: [String: String] = [:]
        func close() {
            guard let name = fields["Package"], let version = fields["Version"],
                fields["Status"]?.hasSuffix(" installed") == true
            else { return }
            packages.append(InstalledPackage(name: name, version: version))
        }
        let wanted = ["Package", "Status", "Version"]
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.isEmpty {
                close()
                fields = [:]
                continue
            }
            for key in wanted where line.starts(with: key.utf8) && line.dropFirst(key.utf8.count).first == UInt8(ascii: ":") {
                let value = line.dropFirst(key.utf8.count + 1).drop { $0 == UInt8(ascii: " ") }
                fields[key] = String(decoding: value, as: UTF8.self)
            }
        }
        close()
        return packages
    }

    /// `3.0.23` of `3.0.23+git.64d2226-27`; nil unless it begins with three numbers.
    package var release: Release? {
        let numbers = version.prefix { $0 == "." || $0.isNumber }.split(separator: ".").compactMap { Int($0) }
        return numbers.count == 3 ? Release(numbers[0], numbers[1], numbers[2]) : nil
    }
}
