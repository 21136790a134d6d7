// SPDX-License-Identifier: Apache-2.0

/// As much of an ELF file for x86-64 as tells how it can be started (elf(5)).
struct ELF64 {
    private struct Segment {
        let type: UInt64
        let offset: UInt64
        let size: UInt64
    }

    // p_type and n_type of elf.h and of Xen's elfnote.h.
    private static let interpreter: UInt64 = 3
    private static let note: UInt64 = 4
    private static let xenPhysicalEntry: UInt64 = 18

    private let segments: [Segment]

    /// It asks for a dynamic loader, which an initrd does not have.
    var hasInterpreter: Bool { segments.contains { $0.type == Self.interpreter } }

    /// QEMU can start it as a kernel: there is a note XEN_ELFNOTE_PHYS32_ENTRY.
    let hasPVHEntry: Bool

    /// Nil when the bytes do not begin a little-endian 64-bit ELF file for x86-64.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 64, bytes[0..<4] == [0x7f, 0x45, 0x4c, 0x46], bytes[4] == 2, bytes[5] == 1
        else { return nil }
        let machine = Self.number(bytes, at: 18, width: 2)
        let tableOffset = Self.number(bytes, at: 32, width: 8)
        let entrySize = Self.number(bytes, at: 54, width: 2)
        let count = Self.number(bytes, at: 56, width: 2)
        guard machine == 62, count == 0 || entrySize >= 56, tableOffset <= UInt64(bytes.count),
            count * entrySize <= UInt64(bytes.count) - tableOffset
        else { return nil }
        segments = (0..<count).map { index in
            let start = Int(tableOffset + index * entrySize)
            return Segment(
                type: Self.number(bytes, at: start, width: 4),
                offset: Self.number(bytes, at: start + 8, width: 8),
                size: Self.number(bytes, at: start + 32, width: 8))
        }
        hasPVHEntry = segments.contains { $0.type == Self.note && Self.hasPVHNote(bytes, $0) }
    }

    private static func hasPVHNote(_ bytes: [UInt8], _ segment: Segment) -> Bool {
        let (end, overflow) = segment.offset.addingReportingOverflow(segment.size)
        guard !overflow, end <= UInt64(bytes.count) else { return false }
        var at = Int(segment.offset)
        while at + 12 <= Int(end) {
            let nameSize = Int(number(bytes, at: at, width: 4))
            let contentSize = Int(number(bytes, at: at + 4, width: 4))
            let type = number(bytes, at: at + 8, width: 4)
            let name = at + 12
            if type == xenPhysicalEntry, nameSize == 4, name + 4 <= Int(end),
                bytes[name..<name + 4] == [0x58, 0x65, 0x6e, 0]
            {
                return true
            }
            at = name + (nameSize + 3) & ~3 + (contentSize + 3) & ~3
        }
        return false
    }

    /// A little-endian number; the caller has checked that it is inside.
    private static func number(_ bytes: [UInt8], at offset: Int, width: Int) -> UInt64 {
        bytes[offset..<offset + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
