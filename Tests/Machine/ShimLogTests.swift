// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

extension MachineTests {
    /// `enable_debug` of `[runtime]`.
    @Suite struct ShimLogTests {
        @Test(arguments: [true, false]) func theShimTellsEachRequestWhereItIsAskedTo(isDebug: Bool) async throws {
            try await withMachineHost(leaving: "told") { host in
                var text = String(decoding: try FileSystem.read(host.configuration), as: UTF8.self)
                text += "\nenable_debug = \(isDebug)\n"
                try AtomicFile.write(Array(text.utf8), to: host.configuration)
                try host.specify(["sleep", "600"])
                _ = try await host.create("told")
                try await host.kata("start", "told")
                #expect(try await host.kata("exec", "told", "/none").status == .exited(255))
                let log = String(decoding: try FileSystem.read("/run/kata-swift/sandboxes/told/shim.log"), as: UTF8.self)
                for words in ["create container 'told': done after", "start container 'told': done", "exec container 'told': ", "/none"] {
                    #expect(log.contains(words) == isDebug, "\(log)")
                }
                #expect(log.contains("level=debug") == isDebug)
                try await host.kata("delete", "--force", "told")
            }
        }
    }
}
