// SPDX-License-Identifier: Apache-2.0

import KataText
import SystemPackage
import Testing

/// Places in a text.
@Suite struct SourceTextTests {
    /// Blocks of a long line are counted once.
    @Test(arguments: ["x", "é", "日本", "a\u{10FFFF}"])
    func aColumnCountsScalarsHoweverLongTheLineIs(unit: String) {
        let line = String(repeating: unit, count: 9_000)
        let source = SourceText(path: "long", text: "first\n\(line)\nlast")
        let bytes = Array(line.utf8)
        var scalars = 0
        for (offset, byte) in bytes.enumerated() {
            let isStart = byte & 0xC0 != 0x80
            if isStart, offset % 97 == 0 || offset % 4096 < 6 {
                let found = source.position(at: 6 + offset)
                #expect(found.line == 2 && found.column == scalars + 1 && found.offset == 6 + offset)
            }
            if isStart { scalars += 1 }
        }
        #expect(source.position(at: 6 + bytes.count).column == scalars + 1)
        #expect(source.position(at: Int.max).line == 3 && source.position(at: Int.max).column == 5)
    }
}
