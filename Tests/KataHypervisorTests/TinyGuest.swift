// SPDX-License-Identifier: Apache-2.0

import KataHypervisor
import KataSystem
import SystemPackage

/// A kernel of a few bytes: an ELF file with a PVH note (Xen's docs/misc/pvh.pandoc) whose 32-bit code prints a text on
/// the first UART and then ends in one of several ways.
struct TinyGuest {
    enum Ending {
        case halt
        /// ACPI S5 through q35's PM1a control register.
        case powerOff
        /// A triple fault, as Linux does it with reboot=t.
        case reset
    }

    var text: String
    var ending: Ending

    private static let loadAddress: UInt32 = 0x10_0000
    private static let headerBytes = 64 + 2 * 56
    private static let noteBytes = 12 + 4 + 4

    func write(to path: FilePath) throws {
        try AtomicFile.write(elf, to: path, mode: 0o644)
    }

    var elf: [UInt8] {
        let noteOffset = UInt64(Self.headerBytes)
        let codeOffset = noteOffset + UInt64(Self.noteBytes)
        let code = self.code
        var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + Array(repeating: 0, count: 8)
        bytes += le16(2) + le16(62) + le32(1)  // ET_EXEC, EM_X86_64
        bytes += le64(UInt64(Self.loadAddress)) + le64(64) + le64(0)
        bytes += le32(0) + le16(64) + le16(56) + le16(2) + le16(0) + le16(0) + le16(0)
        let address = UInt64(Self.loadAddress)
        bytes += le32(1) + le32(7) + le64(codeOffset) + le64(address) + le64(address)  // PT_LOAD
        bytes += le64(UInt64(code.count)) + le64(UInt64(code.count)) + le64(4096)
        bytes += le32(4) + le32(4) + le64(noteOffset) + le64(0) + le64(0)  // PT_NOTE
        bytes += le64(UInt64(Self.noteBytes)) + le64(UInt64(Self.noteBytes)) + le64(4)
        bytes += le32(4) + le32(4) + le32(18) + Array("Xen\0".utf8) + le32(Self.loadAddress)  // XEN_ELFNOTE_PHYS32_ENTRY
        return bytes + code
    }

    private var code: [UInt8] {
        let tail: [UInt8] =
            switch ending {
            case .halt: [0xfa, 0xf4, 0xeb, 0xfd]  // cli; 1: hlt; jmp 1b
            case .powerOff: [0x66, 0xba, 0x04, 0x06, 0x66, 0xb8, 0x00, 0x20, 0x66, 0xef, 0xf4]  // out word 0x2000 to 0x604; hlt
            case .reset: [0x6a, 0x00, 0x6a, 0x00, 0x0f, 0x01, 0x1c, 0x24, 0xcc]  // push 0; push 0; lidt [esp]; int3
            }
        let print: [UInt8] = [
            0xac, 0x84, 0xc0, 0x74, 0x11,  // 1: lodsb; test al, al; jz end
            0x88, 0xc3, 0x66, 0xba, 0xfd, 0x03,  // mov bl, al; mov dx, 0x3fd
            0xec, 0xa8, 0x20, 0x74, 0xfb,  // 2: in al, dx; test al, 0x20; jz 2b
            0x66, 0xba, 0xf8, 0x03,  // mov dx, 0x3f8
        ]
        // The jz above skips what follows up to the end of this loop.
        let send: [UInt8] = [0x88, 0xd8, 0xee]  // mov al, bl; out dx, al
        let distanceBack = UInt8(truncatingIfNeeded: -(print.count + send.count + 2))
        var loop = print + send + [0xeb, distanceBack]
        loop[4] = UInt8(loop.count - 5)
        let setup = 10  // two five-byte moves
        let stack = Self.loadAddress + 0x8000
        let textAddress = Self.loadAddress + UInt32(setup + loop.count + tail.count)
        return [0xbc] + le32(stack) + [0xbe] + le32(textAddress) + loop + tail + Array(text.utf8) + [0]
    }
}

private func le16(_ value: UInt16) -> [UInt8] { bytes(value) }
private func le32(_ value: UInt32) -> [UInt8] { bytes(value) }
private func le64(_ value: UInt64) -> [UInt8] { bytes(value) }

private func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
