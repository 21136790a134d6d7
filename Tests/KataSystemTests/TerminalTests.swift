// SPDX-License-Identifier: Apache-2.0

import CLinux
import KataSystem
import SystemPackage
import Testing

@Suite struct TerminalTests {
    @Test func aNewTerminalPassesBytesAsTheyAre() throws {
        let terminal = try Terminal.open()
        #expect(terminal.path.string.hasPrefix("/dev/"))
        #expect(Terminal.isTerminal(terminal.slave))
        let line: [UInt8] = [0x03, 0x0a, 0x0d, 0x04, 0xff]
        try terminal.slave.writeAll(line)
        #expect(try terminal.master.read(upTo: 64) == line)
        try terminal.master.writeAll(line)
        #expect(try terminal.slave.read(upTo: 64) == line)
    }

    @Test func itsSizeIsWhatTheOtherSideHasSet() throws {
        let terminal = try Terminal.open()
        #expect(Terminal.size(terminal.slave) == nil)
        #expect(cl_set_window_size(terminal.master.raw, 24, 80) == 0)
        let size = try #require(Terminal.size(terminal.slave))
        #expect(size.rows == 24 && size.columns == 80)
    }

    @Test func aPipeIsNoTerminal() throws {
        let end = try OwnedFD.pipe().split { first, _ in SharedFD(first) }
        #expect(!Terminal.isTerminal(end))
        #expect(throws: SystemError.self) { try RawTerminal(end) }
    }
}
