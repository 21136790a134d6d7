// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem

/// What the processes of a container may do with devices: rules in the order in which they count, the last match over the first
/// (runtime-spec config-linux.md, Allowed Device list).
package struct DeviceFilter: Sendable, Equatable {
    package struct Access: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        // BPF_DEVCG_ACC_*.
        package static let makeNode = Access(rawValue: 1)
        package static let read = Access(rawValue: 2)
        package static let write = Access(rawValue: 4)
        package static let all: Access = [.makeNode, .read, .write]

        /// - Parameter letters: `r`, `w` and `m`; none stand for all.
        package init?(letters: String) {
            self = letters.isEmpty ? .all : []
            for letter in letters {
                switch letter {
                case "m": insert(.makeNode)
                case "r": insert(.read)
                case "w": insert(.write)
                default: return nil
                }
            }
        }
    }

    /// BPF_DEVCG_DEV_*.
    package enum Kind: UInt8, Sendable {
        case block = 1
        case character = 2
    }

    package struct Rule: Sendable, Equatable {
        package let allows: Bool
        /// Nil stands for all, as in the numbers.
        package let kind: Kind?
        package let major: UInt32?
        package let minor: UInt32?
        package let access: Access

        package init(allows: Bool, kind: Kind? = nil, major: UInt32? = nil, minor: UInt32? = nil, access: Access = .all) {
            self.allows = allows
            self.kind = kind
            self.major = major
            self.minor = minor
            self.access = access
        }
    }

    package let rules: [Rule]

    /// With the devices that every container has after the rules given, as in runc: nothing is allowed that no rule allows.
    package init(_ rules: [Rule]) { self.rules = rules + Self.standard }

    private static let standard: [Rule] = {
        let nodes: [(UInt32, UInt32?)] = [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2), (136, nil)]
        return [
            Rule(allows: true, kind: .character, access: .makeNode), Rule(allows: true, kind: .block, access: .makeNode),
        ] + nodes.map { Rule(allows: true, kind: .character, major: $0.0, minor: $0.1) }
    }()

    /// A BPF_PROG_TYPE_CGROUP_DEVICE program (linux/bpf.h): it collects in r0 what the rules grant, and says 1 when that is all that is asked.
    package var instructions: [UInt64] {
        var code = [
            Self.load(2, offset: 0), Self.copy(3, from: 2), Self.and(2, 0xffff), Self.shiftRight(3, 16), Self.load(4, offset: 4),
            Self.load(5, offset: 8), Self.set(0, 0),
        ]
        for rule in rules {
            let bits = Int32(rule.access.rawValue)
            var body = [rule.allows ? Self.or(0, bits) : Self.and(0, ~bits)]
            if let minor = rule.minor { body = [Self.skipUnless(5, Int32(bitPattern: minor), body.count)] + body }
            if let major = rule.major { body = [Self.skipUnless(4, Int32(bitPattern: major), body.count)] + body }
            if let kind = rule.kind { body = [Self.skipUnless(2, Int32(kind.rawValue), body.count)] + body }
            code += body
        }
        return code + [
            Self.and(0, from: 3), Self.skipIfSame(0, 3, 2), Self.set(0, 0), Self.exit, Self.set(0, 1), Self.exit,
        ]
    }

    private static func instruction(_ code: UInt8, _ target: UInt8, _ source: UInt8 = 0, offset: Int = 0, _ value: Int32 = 0) -> UInt64 {
        UInt64(code) | UInt64(target | source << 4) << 8 | UInt64(UInt16(truncatingIfNeeded: offset)) << 16
            | UInt64(UInt32(bitPattern: value)) << 32
    }

    private static func load(_ target: UInt8, offset: Int) -> UInt64 { instruction(0x61, target, 1, offset: offset) }
    private static func copy(_ target: UInt8, from source: UInt8) -> UInt64 { instruction(0xbf, target, source) }
    private static func set(_ target: UInt8, _ value: Int32) -> UInt64 { instruction(0xb7, target, 0, value) }
    private static func and(_ target: UInt8, _ value: Int32) -> UInt64 { instruction(0x57, target, 0, value) }
    private static func and(_ target: UInt8, from source: UInt8) -> UInt64 { instruction(0x5f, target, source) }
    private static func or(_ target: UInt8, _ value: Int32) -> UInt64 { instruction(0x47, target, 0, value) }
    private static func shiftRight(_ target: UInt8, _ value: Int32) -> UInt64 { instruction(0x77, target, 0, value) }
    /// In 32 bits.
    private static func skipUnless(_ register: UInt8, _ value: Int32, _ count: Int) -> UInt64 {
        instruction(0x56, register, 0, offset: count, value)
    }
    private static func skipIfSame(_ left: UInt8, _ right: UInt8, _ count: Int) -> UInt64 { instruction(0x1d, left, right, offset: count) }
    private static let exit = instruction(0x95, 0)
}

extension ContainerCgroup {
    /// From now on the group's processes use only these devices.
    func apply(_ filter: DeviceFilter) throws(SystemError) {
        let code = filter.instructions
        try syscall("bpf", "device filter of \(path)") { cl_attach_device_filter(directory.raw, code, code.count) }
    }
}
