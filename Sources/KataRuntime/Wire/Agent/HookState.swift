// SPDX-License-Identifier: Apache-2.0

internal import SwiftProtobuf

extension WireHookState {
    /// The state document of the runtime-spec ("State"), for the standard input of a hook in the guest.
    package func document() throws -> [UInt8] { try jsonUTF8Bytes() }
}
