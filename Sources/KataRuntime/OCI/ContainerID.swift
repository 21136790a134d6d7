// SPDX-License-Identifier: Apache-2.0

package import KataSystem

/// The name of a container on this host, by runc's rule: `[\w+.-]`, neither `.` nor `..`, at most 1024 bytes.
///
/// Such a name is one path component, which is why state directories may be built from it without another check.
package struct ContainerID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    package let rawValue: String

    /// runc's limit; a state directory's own limit (NAME_MAX) is lower and shows as ENAMETOOLONG.
    package static let maximumLength = 1024

    package init(_ name: String) throws(ContainerIDError) {
        if name.isEmpty { throw .empty }
        if name.utf8.count > Self.maximumLength { throw .tooLong(name.utf8.count) }
        if name == "." || name == ".." { throw .reserved(name) }
        if let scalar = name.unicodeScalars.first(where: { !Self.isAllowed($0) }) { throw .character(scalar, name) }
        rawValue = name
    }

    package init?(rawValue: String) {
        guard let id = try? ContainerID(rawValue) else { return nil }  // the failable form tells no reason
        self = id
    }

    package var description: String { rawValue }

    package static func < (left: ContainerID, right: ContainerID) -> Bool { left.rawValue < right.rawValue }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "+", "-", ".": true
        default: false
        }
    }
}

extension ContainerID: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// Why a string is no container id.
package enum ContainerIDError: FaultyError, Equatable {
    case empty
    /// The length in bytes.
    case tooLong(Int)
    case reserved(String)
    case character(Unicode.Scalar, String)

    package var fault: Fault { .user }

    package var description: String {
        switch self {
        case .empty: "container id is empty"
        case .tooLong(let length): "container id has \(length) bytes, at most \(ContainerID.maximumLength) are allowed"
        case .reserved(let name): "container id '\(name)' is reserved"
        case .character(let scalar, let name):
            "container id '\(Self.printable(name))' has the character \(Self.printable(String(scalar))), only letters, digits and _+.- are allowed"
        }
    }

    /// Control characters must not reach a terminal or a one-line log.
    private static func printable(_ text: String) -> String {
        text.unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
    }
}
