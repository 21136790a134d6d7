// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
package import KataSystem

extension WireTaskInstant {
    package init(_ timestamp: Timestamp) {
        self.init()
        seconds = timestamp.seconds
        nanoseconds = UInt32(clamping: timestamp.nanoseconds)
    }

    package var timestamp: Timestamp { Timestamp(seconds: seconds, nanoseconds: Int64(nanoseconds)) }
}

extension WireExecTaskRequest {
    /// `processJson` without Foundation's Data.
    package var processDocument: [UInt8] {
        get { Array(processJson) }
        set { processJson = Data(newValue) }
    }
}
