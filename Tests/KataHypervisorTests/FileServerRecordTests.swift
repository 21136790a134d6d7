// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@testable import KataHypervisor

@Suite("virtiofsd record") struct FileServerRecordTests {
    @Test("a program is asked what it is once, and again when it has become another file")
    func once() async throws {
        try await withTemporaryDirectory { directory in
            let record = FileServerRecord(path: directory.appending("state").appending("virtiofsd.json"))
            let program = directory.appending("virtiofsd")
            try AtomicFile.write([1], to: program, mode: 0o755)
            var asked = 0
            func answer(_ isOfQEMU: Bool) throws -> Bool {
                try record.isOfQEMU(program) { () throws(SystemError) in
                    asked += 1
                    return isOfQEMU
                }
            }
            #expect(try answer(true))
            #expect(try answer(false), "the first answer is remembered")
            #expect(asked == 1)
            try AtomicFile.write([1, 2], to: program, mode: 0o755)
            #expect(try !answer(false))
            #expect(asked == 2)
            try AtomicFile.write(Array("{".utf8), to: record.path)
            #expect(try !answer(false), "a record that cannot be read is made anew")
            #expect(asked == 3)
        }
    }
}
