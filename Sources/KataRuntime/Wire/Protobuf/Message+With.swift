// SPDX-License-Identifier: Apache-2.0

package import SwiftProtobuf

extension Message {
    /// A message filled by `fill`; SwiftProtobuf's own, for users of the messages that do not import it.
    ///
    /// Disfavored, so that a file that imports both is not in doubt.
    @_disfavoredOverload
    package static func with(_ fill: (inout Self) throws -> Void) rethrows -> Self {
        var message = Self()
        try fill(&message)
        return message
    }
}
