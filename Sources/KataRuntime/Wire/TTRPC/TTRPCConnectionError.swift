// SPDX-License-Identifier: Apache-2.0

package import KataSystem
internal import NIOCore
package import SystemPackage

/// A connection or a listener that could not be had.
package enum TTRPCConnectionError: FaultyError {
    case connect(FilePath, any Error)
    case adopt(any Error)
    case listen(FilePath, any Error)
    case shutDown

    package var fault: Fault {
        switch self {
        case .connect, .adopt, .listen: .host
        case .shutDown: .bug
        }
    }

    package var cause: (any Error)? {
        switch self {
        case .connect(_, let cause), .adopt(let cause), .listen(_, let cause): cause
        case .shutDown: nil
        }
    }

    package var description: String {
        switch self {
        case .connect(let path, _): "connect to ttRPC socket '\(path)'"
        case .adopt: "use a connected descriptor for ttRPC"
        case .listen(let path, _): "listen on ttRPC socket '\(path)'"
        case .shutDown: "serve a connection on a ttRPC server that was shut down"
        }
    }
}

/// NIO's errno error in our words; any other error as it is.
func cause(of error: any Error, _ call: String, _ subject: String) -> any Error {
    guard let error = error as? IOError else { return error }
    return SystemError(call: call, subject: subject, errno: Errno(rawValue: error.errnoCode))
}
