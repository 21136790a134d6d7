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

    /// The text of a program that is a script; nil where it is none.
    static func script(_ program: FilePath, by survey: inout Survey) -> String? {
        // It has some hundred bytes, a program that it could be some millions.
        guard program.isAbsolute, let size = survey.look(at: program)?.size, size < 1 << 16,
            let text = survey.read(program).map({ String(decoding: $0, as: UTF8.self) }), text.hasPrefix("#!")
        else { return nil }
        return text
    }

    /// The configuration that a program names which is a script around another; nil where it is none, or names none.
    ///
    /// - Parameter flags: those of the other program that name one.
    static func configuration(namedBy program: FilePath, _ flags: Set<String>, by survey: inout Survey) -> FilePath? {
        guard let text = script(program, by: &survey) else { return nil }
        let words = text.split(whereSeparator: \.isWhitespace).map { String($0.filter { $0 != "\"" && $0 != "'" }) }
        let variable = words.last { $0.hasPrefix("KATA_CONF_FILE=") }?.dropFirst("KATA_CONF_FILE=".count)
        let named = variable.map(String.init) ?? flags.lazy.compactMap { LegacySystem.value(words, after: $0) }.first
        return named.map { FilePath($0) }.flatMap { $0.isAbsolute ? $0 : nil }
    }
}
