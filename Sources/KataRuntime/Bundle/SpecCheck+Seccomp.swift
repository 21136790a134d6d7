// SPDX-License-Identifier: Apache-2.0

internal import KataOCI

extension SpecCheck {
    mutating func check(_ seccomp: LinuxSeccomp) {
        let base: [Step] = ["linux", "seccomp"]
        oneOf(LinuxSeccomp.actions, seccomp.defaultAction, base + ["defaultAction"])
        check(seccomp.defaultErrnoRet, of: seccomp.defaultAction, base + ["defaultErrnoRet"])
        require(
            seccomp.listenerMetadata == nil || seccomp.listenerPath != nil, base + ["listenerMetadata"],
            "there is no listenerPath that it could go to")
        if let path = seccomp.listenerPath, !path.isEmpty {
            require(path.hasPrefix("/"), base + ["listenerPath"], "'\(path)' is not an absolute path")
        }
        for (index, name) in (seccomp.architectures ?? []).enumerated() {
            let path = base + ["architectures", .element(index)]
            if LinuxSeccomp.foreignArchitectures.contains(name) {
                add(path, "'\(name)' cannot be in a filter of the guest, whose byte order or libseccomp is another")
            } else {
                oneOf(LinuxSeccomp.architectures, name, path)
            }
        }
        for (index, flag) in (seccomp.flags ?? []).enumerated() {
            oneOf(LinuxSeccomp.knownFlags, flag, base + ["flags", .element(index)])
        }
        for (index, call) in (seccomp.syscalls ?? []).enumerated() {
            let path: [Step] = base + ["syscalls", .element(index)]
            oneOf(LinuxSeccomp.actions, call.action, path + ["action"])
            check(call.errnoRet, of: call.action, path + ["errnoRet"])
            require(!call.names.isEmpty, path + ["names"], "no system call is named")
            for (number, argument) in (call.args ?? []).enumerated() {
                oneOf(LinuxSeccomp.operators, argument.op, path + ["args", .element(number), "op"])
                require(argument.index < 6, path + ["args", .element(number), "index"], "\(argument.index) is not from 0 to 5")
            }
        }
    }

    private mutating func check(_ number: UInt32?, of action: String, _ path: [Step]) {
        guard let number else { return }
        switch action {
        // libseccomp takes what is below the kernel's MAX_ERRNO; a tracer gets 16 bits (seccomp(2)).
        case "SCMP_ACT_ERRNO": require(number < 4095, path, "\(number) is above 4094, the largest error number")
        case "SCMP_ACT_TRACE": require(number <= 65535, path, "\(number) is above 65535, which is what a tracer can be told")
        default: add(path, "'\(action)' returns no error number")
        }
    }
}
