// SPDX-License-Identifier: Apache-2.0

import KataSystem
import SystemPackage

/// The smallest ELF files that the checks can tell apart.
enum SampleELF {
    /// - Parameters:
    ///   - segments: type and content of each
    static func bytes(machine: UInt16 = 62, segments: [(type: UInt32, content: [UInt8])]) -> [UInt8] {
        var offset = 64 + 56 * segments.count
        var table: [UInt8] = []
        for segment in segments {
            table += little(UInt64(segment.type), 4) + little(0, 4) + little(UInt64(offset), 8) + little(0, 16)
            table += little(UInt64(segment.content.count), 8) + little(UInt64(segment.content.count), 8) + little(0, 8)
            offset += segment.content.count
        }
        var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + little(0, 8)
        header += little(2, 2) + little(UInt64(machine), 2) + little(1, 4) + little(0, 8) + little(64, 8) + little(0, 8)
        header += little(0, 4) + little(64, 2) + little(56, 2) + little(UInt64(segments.count), 2) + little(0, 6)
        return header + table + segments.flatMap(\.content)
    }

    static let staticProgram = bytes(segments: [(1, Array("code of the agent".utf8))])
    static let dynamicProgram = bytes(segments: [(3, Array("/lib64/ld-linux-x86-64.so.2\0".utf8)), (1, [0xc3])])

    /// A note "Xen" of type 18 behind another one: what makes a kernel bootable through PVH.
    static let pvhKernel = bytes(segments: [
        (1, [UInt8](repeating: 0x90, count: 3000)),
        (
            4,
            little(4, 4) + little(6, 4) + little(6, 4) + Array("Xen\0".utf8) + Array("linux\0".utf8) + [0, 0]
                + little(4, 4) + little(4, 4) + little(18, 4) + Array("Xen\0".utf8) + little(0x100_0000, 4)
        ),
    ])

    static func little(_ value: UInt64, _ width: Int) -> [UInt8] {
        (0..<width).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) : 0 }
    }
}

/// A bzImage with `payload` where the boot protocol says that the compressed kernel is.
func sampleBzImage(payload: [UInt8]) -> [UInt8] {
    let setupSectors = 3
    let relative = 100
    var bytes = [UInt8](repeating: 0, count: (setupSectors + 1) * 512 + relative)
    bytes[0x1f1] = UInt8(setupSectors)
    bytes.replaceSubrange(0x202..<0x206, with: "HdrS".utf8)
    bytes.replaceSubrange(0x206..<0x208, with: SampleELF.little(0x20f, 2))
    bytes.replaceSubrange(0x248..<0x24c, with: SampleELF.little(UInt64(relative), 4))
    return bytes + payload + SampleELF.little(UInt64(payload.count), 4)
}

/// Makes a kernel package's tree below `root`: an image and the example's modules.
func makeKernelTree(_ root: FilePath, release: String, image: [UInt8]) throws {
    let boot = root.appending("boot")
    try FileSystem.makeDirectory(boot)
    try AtomicFile.write(image, to: boot.appending("vmlinuz-\(release)"))
    try copyTree(exampleModules, to: root.appending("lib").appending("modules").appending(release))
}

private func copyTree(_ source: FilePath, to target: FilePath) throws {
    try FileSystem.makeDirectory(target)
    for name in try FileSystem.list(source) {
        if try FileSystem.status(source.appending(name))?.kind == .directory {
            try copyTree(source.appending(name), to: target.appending(name))
        } else {
            try AtomicFile.write(FileSystem.read(source.appending(name)), to: target.appending(name))
        }
    }
}
