// SPDX-License-Identifier: Apache-2.0

package import Compat
internal import SystemPackage

/// A package of the old system that the host's package manager has installed.
package struct InstalledPackage: Sendable, Equatable {
    package let name: String
    package let version: String
    /// Of its files, as far as they are on record.
    var digests: [FilePath: FileDigest] = [:]

    /// Those that any old system offered; nil when the host has no database of packages that can be read here.
    static func found(by survey: inout Survey) -> [InstalledPackage]? {
        let offered = Set(LegacySystem.all.flatMap { $0.packages + $0.machine.packages })
        let status = survey.read("/var/lib/dpkg/status", limit: Survey.fileLimit)
        let debian = status.map { bytes in
            installed(inStatus: bytes).filter { offered.contains($0.name) }.map { $0.withDigests(by: &survey) }
        }
        // Either program can be installed on a host of the other.
        let others = RPMDatabase.packages(by: &survey, where: offered.contains)
        return debian == nil && others == nil ? nil : (debian ?? []) + (others ?? [])
    }

    /// The stanzas of dpkg's status file whose package is there; one that was removed stays listed with its configuration.
    static func installed(inStatus bytes: [UInt8]) -> [InstalledPackage] {
        var packages: [InstalledPackage] = []
        var fields: [String: String] = [:]
        var digests: [FilePath: FileDigest] = [:]
        func close() {
            guard let name = fields["Package"], let version = fields["Version"],
                fields["Status"]?.hasSuffix(" installed") == true
            else { return }
            packages.append(InstalledPackage(name: name, version: version, digests: digests))
        }
        let wanted = ["Package", "Status", "Version"]
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.isEmpty {
                close()
                fields = [:]
                digests = [:]
                continue
            }
            // Below "Conffiles:" a line for each: its path, its digest, and a word when the package no longer has it.
            if line.starts(with: " /".utf8) {
                let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
                if words.count == 2 { digests[FilePath(words[0])] = FileDigest(algorithm: .md5, digits: words[1]) }
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

    /// With those of the files that dpkg does not take for configuration.
    private func withDigests(by survey: inout Survey) -> InstalledPackage {
        var package = self
        let directory: FilePath = "/var/lib/dpkg/info"
        for name in ["\(name).md5sums", "\(name):amd64.md5sums"] where survey.exists(directory.appending(name)) {
            for line in survey.read(directory.appending(name))?.split(separator: UInt8(ascii: "\n")) ?? [] {
                // 32 digits, two blanks, and the path without its first slash.
                guard line.count > 34, !line.contains(0) else { continue }
                let path = FilePath("/" + String(decoding: line.dropFirst(34), as: UTF8.self))
                package.digests[path] = FileDigest(algorithm: .md5, digits: String(decoding: line.prefix(32), as: UTF8.self))
            }
        }
        return package
    }

    /// `3.0.23` of `3.0.23+git.64d2226-27`; nil unless it begins with three numbers.
    package var release: Release? {
        let numbers = version.prefix { $0 == "." || $0.isNumber }.split(separator: ".").compactMap { Int($0) }
        return numbers.count == 3 ? Release(numbers[0], numbers[1], numbers[2]) : nil
    }
}
