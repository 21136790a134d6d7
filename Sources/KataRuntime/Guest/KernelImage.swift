// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// A kernel file, and the way from a distribution's compressed image to the ELF inside.
///
/// QEMU boots the ELF through its PVH entry, without the decompressor's run in the guest: measured under emulation, a
/// distribution kernel is up after 1.7 s instead of 4.1 s.
public struct KernelImage {
    /// What kind of file it is.
    public enum Format: String, Sendable, Codable {
        /// Uncompressed ELF.
        case vmlinux
        case bzImage
        case unknown
    }

    let path: FilePath
    let format: Format
    private let payload: Payload?

    /// The compressed kernel inside a bzImage (Documentation/arch/x86/boot.rst, protocol 2.08).
    private struct Payload: Equatable {
        let offset: Int64
        let program: FilePath
        let arguments: [String]
    }

    /// Larger than any kernel's ELF; bounds what a damaged image can make a decompressor write.
    private static let limit = 512 << 20

    init(_ path: FilePath) throws(SystemError) {
        let head = try OwnedFD.open(path, 0).read(upTo: 1 << 16)
        self.path = path
        if ELF64(head) != nil {
            format = .vmlinux
            payload = nil
        } else if head.count >= 0x250, Array(head[0x202..<0x206]) == Array("HdrS".utf8) {
            format = .bzImage
            payload = Self.payload(head)
        } else {
            format = .unknown
            payload = nil
        }
    }

    private static func payload(_ head: [UInt8]) -> Payload? {
        let protocolVersion = Int(head[0x206]) | Int(head[0x207]) << 8
        let setupSectors = head[0x1f1] == 0 ? 4 : Int(head[0x1f1])
        let relative = (0..<4).reduce(0) { $0 | Int(head[0x248 + $1]) << (8 * $1) }
        let offset = (setupSectors + 1) * 512 + relative
        guard protocolVersion >= 0x208, offset + 6 <= head.count else { return nil }
        // A four-byte size follows the stream: xz must stop at the stream's end, the others are told not to mind.
        let kinds: [(magic: [UInt8], compression: ModuleCompression, arguments: [String])] = [
            ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], .xz, ["-dc", "--single-stream"]),
            ([0x28, 0xb5, 0x2f, 0xfd], .zst, ["-dcq"]),
            ([0x1f, 0x8b], .gz, ["-dcq"]),
        ]
        return kinds.first { head[offset...].starts(with: $0.magic) }
            .map {
                Payload(offset: Int64(offset), program: $0.compression.program, arguments: $0.arguments)
            }
    }

    /// The uncompressed kernel with a PVH entry; nil when there is none inside or nothing to decompress it with, and the image is to be booted as it is.
    func extracted() throws(SystemError) -> [UInt8]? {
        guard let payload, FileSystem.exists(payload.program) else { return nil }
        let run = Decompression(
            program: payload.program, arguments: payload.arguments, input: path, offset: payload.offset)
        // The status says little, as the bytes behind the stream are no part of it: the content decides.
        let bytes = try run.run(limit: Self.limit).bytes
        return ELF64(bytes)?.hasPVHEntry == true ? bytes : nil
    }
}
