// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import KataSystem
internal import SystemPackage

/// A run of a decompressor that understands `-dc`: xz, zstd, gzip.
struct Decompression {
    let program: FilePath
    var arguments = ["-dc"]
    let input: FilePath
    /// Where in `input` the compressed bytes begin.
    var offset: Int64 = 0

    /// Everything it writes, and how it ended; EFBIG when that is more than `limit` bytes.
    func run(limit: Int) throws(SystemError) -> (bytes: [UInt8], status: ExitStatus) {
        let pipe = try OwnedFD.pipe()
        return try pipe.split { (reader, writer) throws(SystemError) in
            let child = try spawn(writingTo: writer)
            let output: Result<[UInt8], SystemError>
            do throws(SystemError) { output = .success(try reader.readAll(limit: limit)) } catch {
                output = .failure(error)
            }
            // Closed first: a child that still writes then ends, and the wait with it.
            _ = consume reader
            let status = try child.wait()
            return (try output.get(), status)
        }
    }

    /// The write end is closed here when this returns, so that the reader sees the child's end of file.
    private func spawn(writingTo writer: consuming OwnedFD) throws(SystemError) -> ChildProcess {
        let source = try OwnedFD.open(input, O_RDONLY)
        try syscall("lseek", input.string) { lseek(source.raw, off_t(offset), SEEK_SET) }
        let program = Subprocess(
            program: program, arguments: [program.lastComponent?.string ?? ""] + arguments,
            descriptors: [0: SharedFD(source), 1: SharedFD(writer)])
        return try program.spawn()
    }
}
