// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import SystemPackage

/// A failed system call: its name, what it was applied to, and errno.
public struct SystemError: FaultyError, Equatable {
    public let call: String
    public let subject: String
    public let errno: Errno

    public init(call: String, subject: String, errno: Errno) {
        self.call = call
        self.subject = subject
        self.errno = errno
    }

    public var fault: Fault { .host }
    public var description: String { "\(call) '\(subject)': \(errno)" }
}

/// The one way to a system call: retried on EINTR, errno taken at once, the failure names call and subject.
///
/// - Parameter body: makes the call and returns its result; -1 means that errno holds the reason.
@discardableResult
public func syscall<Result: FixedWidthInteger & SignedInteger>(
    _ call: StaticString, _ subject: @autoclosure () -> String, _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = CLinux.cl_errno()
        if code == EINTR { continue }
        throw SystemError(call: "\(call)", subject: subject(), errno: Errno(rawValue: code))
    }
}
