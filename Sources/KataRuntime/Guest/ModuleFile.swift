// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// How distributions compress modules; the raw value is the file's suffix.
enum ModuleCompression: String, CaseIterable {
    case xz, zst, gz

    /// What decompresses it to its standard output with `-dc`.
    var program: FilePath {
        switch self {
        case .xz: "/usr/bin/xz"
        case .zst: "/usr/bin/zstd"
        case .gz: "/usr/bin/gzip"
        }
    }

    init?(of file: FilePath) {
        guard let known = file.extension.flatMap(Self.init(rawValue:)) else { return nil }
        self = known
    }
}

/// One module's file of a kernel tree.
struct ModuleFile {
    let path: FilePath

    /// Larger than any module; bounds what a damaged file can make a decompressor write.
    static let limit = 256 << 20

    /// `overlay.ko`, whatever the file's compression.
    var plainName: String {
        let name = path.lastComponent?.string ?? ""
        guard let compression = ModuleCompression(of: path) else { return name }
        return String(name.dropLast(compression.rawValue.count + 1))
    }

    /// The uncompressed module.
    func content() throws(ModuleError) -> [UInt8] {
        guard let compression = ModuleCompression(of: path) else {
            do { return try FileSystem.read(path, limit: Self.limit) } catch {
                throw .unreadable(path, cause: error)
            }
        }
        let name = compression.program.lastComponent?.string ?? compression.rawValue
        let output: (bytes: [UInt8], status: ExitStatus)
        do {
            output = try Decompression(program: compression.program, input: path).run(limit: Self.limit)
        } catch  where error.call == "execve" {
            throw .noDecompressor(path, program: name, cause: error)
        } catch {
            throw .unreadable(path, cause: error)
        }
        guard output.status == .exited(0) else {
            throw .decompression(path, program: name, output.status)
        }
        return output.bytes
    }
}
