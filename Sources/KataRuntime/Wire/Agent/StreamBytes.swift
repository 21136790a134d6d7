// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

// The generated messages hold bytes as Foundation's Data; these spare their users the import.

extension WireWriteStreamRequest {
    package var bytes: [UInt8] {
        get { Array(data) }
        set { data = Data(newValue) }
    }
}

extension WireReadStreamResponse {
    package init(bytes: [UInt8]) {
        self.init()
        data = Data(bytes)
    }

    package var bytes: [UInt8] { Array(data) }
}

extension WireNameQuery {
    package var bytes: [UInt8] {
        get { Array(message) }
        set { message = Data(newValue) }
    }
}

extension WireNameAnswer {
    package var bytes: [UInt8] {
        get { Array(message) }
        set { message = Data(newValue) }
    }
}

/// The longest part of a standard stream in one call: longer ones would hold up the other calls on the connection.
package let streamPayloadLimit = 64 << 10
