// SPDX-License-Identifier: Apache-2.0

/// Whose fault a failure is; decides the wording, the exit status and the log level at the edge.
public enum Fault: String, Sendable, Codable {
    /// The caller's input: an argument, a bundle, a configuration file.
    case user
    /// The machine: a full disk, a missing program, a refused system call.
    case host
    /// The virtual machine or what runs in it.
    case guest
    /// Another process that we talk to.
    case peer
    /// Us.
    case bug
}

/// An error that says whose fault it is and what caused it.
///
/// `description` names the attempted act and its object, lower case, without a period, and never repeats `cause`.
public protocol FaultyError: Error, CustomStringConvertible {
    var fault: Fault { get }
    var cause: (any Error)? { get }
}

extension FaultyError {
    public var cause: (any Error)? { nil }
}

/// The whole chain in one line: `act object: cause: cause of the cause`.
public func errorChain(_ error: any Error) -> String {
    var parts: [String] = []
    var next: (any Error)? = error
    while let current = next {
        parts.append(String(describing: current))
        next = (current as? any FaultyError)?.cause
    }
    return parts.joined(separator: ": ")
}
