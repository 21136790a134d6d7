// SPDX-License-Identifier: Apache-2.0

internal import KataOCI

extension SpecCheck {
    mutating func check(_ linux: LinuxSpec) {
        checkNamespaces(linux)
        check(mappings: linux.uidMappings, ["linux", "uidMappings"])
        check(mappings: linux.gidMappings, ["linux", "gidMappings"])
        for (index, device) in (linux.devices ?? []).enumerated() { check(device, ["linux", "devices", .element(index)]) }
        if let path = linux.cgroupsPath {
            require(!path.split(separator: "/").contains(".."), ["linux", "cgroupsPath"], "'\(path)' leaves the group that it is below")
        }
        if let kind = linux.rootfsPropagation, !kind.isEmpty { oneOf(LinuxSpec.rootPropagations, kind, ["linux", "rootfsPropagation"]) }
        if let domain = linux.personality?.domain {
            oneOf(LinuxPersonality.domains.keys.sorted(), domain, ["linux", "personality", "domain"])
        }
        for name in (linux.sysctl ?? [:]).keys.sorted() where name.isEmpty || name.contains("..") || name.hasPrefix(".") {
            add(["linux", "sysctl", .member(name)], "'\(name)' is not a kernel parameter")
        }
        for (name, list) in [("maskedPaths", linux.maskedPaths), ("readonlyPaths", linux.readonlyPaths)] {
            for (index, text) in (list ?? []).enumerated() {
                require(text.hasPrefix("/"), ["linux", .member(name), .element(index)], "'\(text)' is not an absolute path")
            }
        }
        for (clock, offset) in (linux.timeOffsets ?? [:]).sorted(by: { $0.key < $1.key }) {
            let path: [Step] = ["linux", "timeOffsets", .member(clock)]
            oneOf(["boottime", "monotonic"], clock, path)
            number(offset.nanosecs, 0...999_999_999, path + ["nanosecs"])
        }
    }

    private mutating func checkNamespaces(_ linux: LinuxSpec) {
        var seen: Set<LinuxNamespace.Kind> = []
        for (index, namespace) in (linux.namespaces ?? []).enumerated() {
            let path: [Step] = ["linux", "namespaces", .element(index)]
            oneOf(["pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"], namespace.type.rawValue, path + ["type"])
            require(seen.insert(namespace.type).inserted, path + ["type"], "'\(namespace.type.rawValue)' is there twice")
            if let name = namespace.path, !name.isEmpty {
                require(name.hasPrefix("/"), path + ["path"], "'\(name)' is not an absolute path")
            }
        }
        if seen.contains(.user), (linux.uidMappings ?? []).isEmpty || (linux.gidMappings ?? []).isEmpty {
            add(["linux", "uidMappings"], "a user namespace needs uidMappings and gidMappings")
        }
    }

    private mutating func check(_ device: LinuxDevice, _ path: [Step]) {
        oneOf(["c", "b", "u", "p"], device.type, path + ["type"])
        require(device.path.hasPrefix("/"), path + ["path"], "'\(device.path)' is not an absolute path")
        number(device.major, 0...4095, path + ["major"])
        number(device.minor, 0...1_048_575, path + ["minor"])
        id(device.uid, path + ["uid"])
        id(device.gid, path + ["gid"])
        guard let mode = device.fileMode else { return }
        // Some engines leave the type of the file in it, as stat(2) tells it.
        let kinds: [String: UInt32] = ["c": 0o020000, "u": 0o020000, "b": 0o060000, "p": 0o010000]
        let isMode = mode <= 0o7777 || mode & ~0o7777 == kinds[device.type]
        require(isMode, path + ["fileMode"], "\(mode) is above 4095, which are the bits of a mode")
    }

    /// What the kernel takes of a map (user_namespaces(7), Defining user and group ID mappings).
    mutating func check(mappings: [LinuxIDMapping]?, _ base: [Step]) {
        let mappings = mappings ?? []
        require(mappings.count <= 340, base, "it has \(mappings.count) ranges, the kernel takes 340")
        for (index, mapping) in mappings.enumerated() {
            let path = base + [.element(index)]
            require(mapping.size > 0, path + ["size"], "a range of no ids")
            for (name, first) in [("containerID", mapping.containerID), ("hostID", mapping.hostID)] {
                let (end, isPast) = first.addingReportingOverflow(mapping.size)
                require(!isPast || end == 0, path + [.member(name)], "the range of \(mapping.size) ids from \(first) ends above 4294967295")
            }
            for other in mappings.prefix(min(index, 340)) {
                let isDouble =
                    Self.overlap(mapping.containerID, other.containerID, mapping.size, other.size)
                    || Self.overlap(mapping.hostID, other.hostID, mapping.size, other.size)
                guard isDouble else { continue }
                add(path, "the range overlaps an earlier one")
                break
            }
        }
    }

    private static func overlap(_ first: UInt32, _ second: UInt32, _ size: UInt32, _ otherSize: UInt32) -> Bool {
        UInt64(first) < UInt64(second) + UInt64(otherSize) && UInt64(second) < UInt64(first) + UInt64(size)
    }
}
