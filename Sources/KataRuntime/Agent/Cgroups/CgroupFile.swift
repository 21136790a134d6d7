// SPDX-License-Identifier: Apache-2.0

package import KataSystem
package import SystemPackage

/// The files of a cgroup2 group, which are lines of words (kernel: admin-guide/cgroup-v2).
package enum CgroupFile {
    /// - Throws: also for a file that the kernel does not have.
    package static func lines(_ file: FilePath) throws(SystemError) -> [[Substring]] {
        let text = String(decoding: try FileSystem.read(file, limit: 1 << 20), as: UTF8.self)
        return text.split(separator: "\n").map { $0.split(separator: " ") }
    }

    /// `KEY VALUE` lines; empty for a file that is not there.
    package static func table(_ file: FilePath) -> [String: UInt64] {
        guard let lines = try? lines(file) else { return [:] }  // a controller that the kernel does not have counts nothing
        var table: [String: UInt64] = [:]
        for line in lines where line.count == 2 { table[String(line[0])] = UInt64(line[1]) }
        return table
    }

    /// One number; nil for a file that is not there. `max` is the largest.
    package static func number(_ file: FilePath) -> UInt64? {
        guard let word = (try? lines(file))?.first?.first else { return nil }  // as in `table`
        return word == "max" ? .max : UInt64(word)
    }
}
