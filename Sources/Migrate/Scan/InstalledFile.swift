// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// A program or guest file of the old system.
package struct InstalledFile: Sendable, Equatable {
    package enum Role: String, Sendable {
        case runtime, proxy, shim, hypervisor, daemon
        case guestKernel = "guest kernel"
        case guestImage = "guest image"
        case ksmThrottler = "ksm throttler"
        case support
    }

    package let role: Role
    /// Not read: guest images are large, and nothing is decided by their bytes.
    package let seen: Observation

    static func found(_ places: [(role: Role, path: FilePath)], by survey: inout Survey) -> [InstalledFile] {
        places.compactMap { role, path in
            guard let seen = survey.look(at: path), seen.kind != .absent else { return nil }
            return InstalledFile(role: role, seen: seen)
        }
    }
}
