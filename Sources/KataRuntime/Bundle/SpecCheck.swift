// SPDX-License-Identifier: Apache-2.0

internal import KataOCI
internal import KataText

/// What is wrong in a specification whose members all have their types: values that are out of range or that nothing knows
/// (runtime-spec, config.md and config-linux.md). Found before a machine is booted, and all of it at once.
struct SpecCheck {
    /// A way to a value: names of members and numbers of elements.
    enum Step: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case member(String)
        case element(Int)

        init(stringLiteral name: String) { self = .member(name) }
        init(integerLiteral index: Int) { self = .element(index) }
    }

    private(set) var problems: [(path: [Step], message: String)] = []

    init(_ spec: Spec) {
        for key in (spec.annotations ?? [:]).keys where key.isEmpty { add(["annotations"], "a key is empty") }
        for (index, mount) in (spec.mounts ?? []).enumerated() {
            require(!mount.destination.isEmpty, ["mounts", .element(index), "destination"], "it is empty")
        }
        if let process = spec.process { check(process) }
        if let hooks = spec.hooks { check(hooks) }
        if let linux = spec.linux {
            check(linux)
            if let resources = linux.resources { check(resources, ["linux", "resources"]) }
            if let seccomp = linux.seccomp { check(seccomp) }
        }
    }

    private mutating func add(_ path: [Step], _ message: String) { problems.append((path, message)) }

    private mutating func require(_ isFine: Bool, _ path: [Step], _ message: @autoclosure () -> String) {
        if !isFine { add(path, message()) }
    }

    private mutating func oneOf(_ names: some Sequence<String>, _ value: String, _ path: [Step]) {
        if names.contains(value) { return }
        let near = nearestName(to: value, in: Array(names)).map { ", did you mean '\($0)'?" } ?? ""
        add(path, "'\(value)' is none of those that there are\(near)")
    }

    private mutating func check(_ process: ProcessSpec) {
        require(process.cwd.hasPrefix("/"), ["process", "cwd"], "'\(process.cwd)' is not an absolute path")
        if let umask = process.user.umask { require(umask <= 0o777, ["process", "user", "umask"], "\(umask) is above 511") }
        if let score = process.oomScoreAdj {
            require((-1000...1000).contains(score), ["process", "oomScoreAdj"], "\(score) is not from -1000 to 1000")
        }
        var seen: Set<String> = []
        for (index, limit) in (process.rlimits ?? []).enumerated() {
            let path: [Step] = ["process", "rlimits", .element(index)]
            oneOf(ResourceLimit.names, limit.type, path + ["type"])
            require(seen.insert(limit.type).inserted, path + ["type"], "'\(limit.type)' is there twice")
            require(limit.soft <= limit.hard, path + ["soft"], "\(limit.soft) is above the hard limit \(limit.hard)")
        }
        if let scheduler = process.scheduler {
            oneOf(Scheduler.policies.keys.sorted(), scheduler.policy, ["process", "scheduler", "policy"])
            for (index, flag) in (scheduler.flags ?? []).enumerated() {
                oneOf(Scheduler.knownFlags, flag, ["process", "scheduler", "flags", .element(index)])
            }
            if let nice = scheduler.nice {
                require((-20...19).contains(nice), ["process", "scheduler", "nice"], "\(nice) is not from -20 to 19")
            }
        }
        if let priority = process.ioPriority {
            oneOf(IOPriority.classes, priority.class, ["process", "ioPriority", "class"])
            require((0...7).contains(priority.priority), ["process", "ioPriority", "priority"], "\(priority.priority) is not from 0 to 7")
        }
    }

    private mutating func check(_ hooks: HookSpecs) {
        let points: [(Step, [HookSpec]?)] = [
            ("prestart", hooks.prestart), ("createRuntime", hooks.createRuntime), ("createContainer", hooks.createContainer),
            ("startContainer", hooks.startContainer), ("poststart", hooks.poststart), ("poststop", hooks.poststop),
        ]
        for (point, list) in points {
            for (index, hook) in (list ?? []).enumerated() {
                let path: [Step] = ["hooks", point, .element(index)]
                require(hook.path.hasPrefix("/"), path + ["path"], "'\(hook.path)' is not an absolute path")
                if let timeout = hook.timeout { require(timeout > 0, path + ["timeout"], "\(timeout) is not above zero") }
            }
        }
    }

    private mutating func check(_ linux: LinuxSpec) {
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
        for (index, device) in (linux.devices ?? []).enumerated() {
            let path: [Step] = ["linux", "devices", .element(index)]
            oneOf(["c", "b", "u", "p"], device.type, path + ["type"])
            require(device.path.hasPrefix("/"), path + ["path"], "'\(device.path)' is not an absolute path")
            checkNumber(device.major, 0...4095, path + ["major"])
            checkNumber(device.minor, 0...1_048_575, path + ["minor"])
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
    }

    private mutating func checkNumber(_ number: Int64?, _ range: ClosedRange<Int64>, _ path: [Step]) {
        guard let number, !range.contains(number) else { return }
        add(path, "\(number) is not from \(range.lowerBound) to \(range.upperBound)")
    }

    private mutating func check(_ resources: LinuxResources, _ base: [Step]) {
        for (index, rule) in (resources.devices ?? []).enumerated() {
            let path = base + ["devices", .element(index)]
            if let type = rule.type, !type.isEmpty { oneOf(["a", "b", "c"], type, path + ["type"]) }
            checkNumber(rule.major, -1...4095, path + ["major"])
            checkNumber(rule.minor, -1...1_048_575, path + ["minor"])
            if let access = rule.access {
                require(access.allSatisfy { "rwm".contains($0) }, path + ["access"], "'\(access)' has other letters than r, w and m")
            }
        }
        if let memory = resources.memory {
            for (name, value) in [("limit", memory.limit), ("reservation", memory.reservation), ("swap", memory.swap)] {
                if let value { require(value >= -1, base + ["memory", .member(name)], "\(value) is below -1, which means no limit") }
            }
            if let limit = memory.limit, let swap = memory.swap, limit > 0, swap > 0 {
                require(
                    swap >= limit, base + ["memory", "swap"], "\(swap) is memory and swap together, and below the memory limit \(limit)")
            }
            if let swappiness = memory.swappiness {
                require(swappiness <= 100, base + ["memory", "swappiness"], "\(swappiness) is not from 0 to 100")
            }
        }
        if let cpu = resources.cpu {
            if let period = cpu.period, period != 0 {
                require(
                    (1000...1_000_000).contains(period), base + ["cpu", "period"], "\(period) is not from 1000 to 1000000 microseconds")
            }
            if let quota = cpu.quota, quota > 0 { require(quota >= 1000, base + ["cpu", "quota"], "\(quota) is below 1000 microseconds") }
            for (name, list) in [("cpus", cpu.cpus), ("mems", cpu.mems)] {
                guard let list, !list.isEmpty else { continue }
                require(
                    list.allSatisfy { $0.isNumber || "-, \n".contains($0) }, base + ["cpu", .member(name)],
                    "'\(list)' is not a list such as 0-3,7")
            }
        }
        if let limit = resources.pids?.limit {
            require(limit >= -1, base + ["pids", "limit"], "\(limit) is below -1, which means no limit")
        }
        if let weight = resources.blockIO?.weight, weight != 0 {
            require((10...1000).contains(weight), base + ["blockIO", "weight"], "\(weight) is not from 10 to 1000")
        }
        for (index, device) in (resources.blockIO?.weightDevice ?? []).enumerated() {
            let path = base + ["blockIO", "weightDevice", .element(index)]
            require(device.weight != nil || device.leafWeight != nil, path, "it has neither weight nor leafWeight")
        }
        for (name, limits) in (resources.rdma ?? [:]).sorted(by: { $0.key < $1.key }) {
            let isSaid = limits.hcaHandles != nil || limits.hcaObjects != nil
            require(isSaid, base + ["rdma", .member(name)], "it has neither hcaHandles nor hcaObjects")
        }
        for name in (resources.unified ?? [:]).keys.sorted() where name.contains("/") || !name.contains(".") {
            add(base + ["unified", .member(name)], "'\(name)' is not a file of a control group")
        }
    }

    private mutating func check(_ number: UInt32?, of action: String, _ path: [Step]) {
        guard number != nil else { return }
        require(["SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"].contains(action), path, "'\(action)' returns no error number")
    }

    private mutating func check(_ seccomp: LinuxSeccomp) {
        oneOf(LinuxSeccomp.actions, seccomp.defaultAction, ["linux", "seccomp", "defaultAction"])
        check(seccomp.defaultErrnoRet, of: seccomp.defaultAction, ["linux", "seccomp", "defaultErrnoRet"])
        require(
            seccomp.listenerMetadata == nil || seccomp.listenerPath != nil, ["linux", "seccomp", "listenerMetadata"],
            "there is no listenerPath that it could go to")
        for (index, name) in (seccomp.architectures ?? []).enumerated() {
            require(
                name.hasPrefix("SCMP_ARCH_"), ["linux", "seccomp", "architectures", .element(index)], "'\(name)' is no SCMP_ARCH_ name")
        }
        for (index, flag) in (seccomp.flags ?? []).enumerated() {
            oneOf(LinuxSeccomp.knownFlags, flag, ["linux", "seccomp", "flags", .element(index)])
        }
        for (index, call) in (seccomp.syscalls ?? []).enumerated() {
            let path: [Step] = ["linux", "seccomp", "syscalls", .element(index)]
            oneOf(LinuxSeccomp.actions, call.action, path + ["action"])
            check(call.errnoRet, of: call.action, path + ["errnoRet"])
            require(!call.names.isEmpty, path + ["names"], "no system call is named")
            for (number, argument) in (call.args ?? []).enumerated() {
                oneOf(LinuxSeccomp.operators, argument.op, path + ["args", .element(number), "op"])
                require(argument.index < 6, path + ["args", .element(number), "index"], "\(argument.index) is not from 0 to 5")
            }
        }
    }
}

extension SpecCheck {
    /// The problems with their places, `config.json:7:12: 'process.cwd': …`.
    func located(in document: JSONDocument) -> [String] {
        problems.map { path, message in
            var value = document.root
            var name = ""
            for step in path {
                switch step {
                case .member(let key):
                    name += name.isEmpty ? key : ".\(key)"
                    value = value[key] ?? value
                case .element(let index):
                    name += "[\(index)]"
                    if let array = value.array, array.indices.contains(index) { value = array[index] }
                }
            }
            let start = value.range.start
            return "\(document.source.path):\(start.line):\(start.column): '\(name)': \(message)"
        }
    }
}
