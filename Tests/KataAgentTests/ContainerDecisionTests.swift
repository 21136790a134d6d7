// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataAgent
internal import KataWire
internal import SystemPackage
internal import Testing

@Suite struct MountOptionsTests {
    @Test(
        "options become flags, propagation, recursive attributes and data",
        arguments: [
            (["nosuid", "noexec", "nodev"], UInt(MS_NOSUID | MS_NOEXEC | MS_NODEV), "", [UInt]()),
            (["rbind", "ro", "rslave"], UInt(MS_BIND | MS_REC | MS_RDONLY), "", [UInt(MS_SLAVE | MS_REC)]),
            (["defaults", "size=64k", "mode=755"], 0, "size=64k,mode=755", []),
            (["ro", "rw"], 0, "", []),
            (["trans=virtio", "version=9p2000.L", "cache=mmap"], 0, "trans=virtio,version=9p2000.L,cache=mmap", []),
        ])
    func sorting(options: [String], flags: UInt, data: String, propagation: [UInt]) {
        let parsed = MountOptions(parsing: options)
        #expect(parsed.flags == flags)
        #expect(parsed.data.joined(separator: ",") == data)
        #expect(parsed.propagation == propagation)
    }

    @Test("of two contrary options the later one counts, in the flags and in what is cleared")
    func lastWins() {
        #expect(MountOptions(parsing: ["nosuid", "suid"]).cleared == UInt(MS_NOSUID))
        #expect(MountOptions(parsing: ["suid", "nosuid"]).cleared == 0)
        #expect(MountOptions(parsing: ["suid", "nosuid"]).flags == UInt(MS_NOSUID))
    }

    @Test("recursive attributes are apart from flags")
    func recursive() {
        let parsed = MountOptions(parsing: ["rbind", "rro", "rnosuid"])
        #expect(parsed.recursiveAttributes == 3)
        #expect(parsed.flags == UInt(MS_BIND | MS_REC))
    }

    @Test("a mount of type bind is a bind mount without the option, and a destination is taken from the root")
    func bindType() {
        let mount = MountDescription(source: "/a", destination: "x/../y", type: "bind", options: [])
        #expect(mount.options.isBind)
        #expect(mount.destination == "/y")
    }
}

@Suite struct CapabilityTests {
    @Test("names become bits by their numbers, in any case")
    func masks() throws {
        #expect(try CapabilitySets.mask(of: []) == 0)
        #expect(try CapabilitySets.mask(of: ["CAP_CHOWN", "cap_kill"]) == 0x21)
        #expect(try CapabilitySets.mask(of: ["CAP_CHECKPOINT_RESTORE"]) == 1 << 40)
        #expect(try CapabilitySets.mask(of: ["CAP_SYS_ADMIN", "CAP_SYS_ADMIN"]) == 1 << 21)
    }

    @Test("an unknown capability or limit is refused by name")
    func unknown() throws {
        #expect { try CapabilitySets.mask(of: ["CAP_KILL", "CAP_FLY"]) } throws: { "\($0)".contains("'CAP_FLY'") }
        #expect { try ResourceLimit(type: "RLIMIT_X", soft: 1, hard: 1) } throws: { "\($0)".contains("'RLIMIT_X'") }
    }

    @Test("limits have the kernel's numbers", arguments: [("RLIMIT_CPU", 0), ("RLIMIT_NOFILE", 7), ("RLIMIT_RTTIME", 15)])
    func limits(type: String, number: Int32) throws {
        #expect(try ResourceLimit(type: type, soft: 1, hard: 2).resource == number)
    }
}

@Suite struct ProcessEnvironmentTests {
    @Test(
        "a program is sought along PATH only when it names no directory",
        arguments: [
            ("sh", ["PATH=/bin:/usr/bin"], ["/bin/sh", "/usr/bin/sh"]),
            ("sh", ["PATH=/a", "PATH=/b"], ["/b/sh"]),
            ("sh", ["PATH=:/b"], ["./sh", "/b/sh"]),
            ("./sh", ["PATH=/bin"], ["./sh"]),
            ("/x/sh", [], ["/x/sh"]),
            ("sh", ["XPATH=/bin"], []),
            ("", ["PATH=/bin"], []),
        ])
    func candidates(program: String, environment: [String], expected: [String]) {
        #expect(ProcessEnvironment(environment).candidates(for: program) == expected)
    }

    @Test(
        "HOME is added from the passwd file where it is missing, else /",
        arguments: [
            ([String](), UInt32(1000), ["HOME=/home/u"]), (["HOME="], UInt32(0), ["HOME=/root"]), (["HOME=/h"], UInt32(1000), ["HOME=/h"]),
            (["A=1"], UInt32(7), ["A=1", "HOME=/"]),
        ])
    func home(entries: [String], user: UInt32, expected: [String]) {
        let users = UserLookup(
            passwordFile: "root:x:0:0:root:/root:/bin/sh\nbroken\nu:x:1000:1000::/home/u:/bin/sh\n", groupFile: "")
        var environment = ProcessEnvironment(entries)
        environment.provideHome(of: user, users: users)
        #expect(environment.entries == expected)
    }
}

@Suite struct ContainerPlanTests {
    private func plan(_ change: (inout ContainerDescription) -> Void = { _ in }) -> [ContainerStep] {
        var description = ContainerDescription(root: "/r")
        description.process.arguments = ["sh"]
        change(&description)
        return ContainerPlan(of: description).steps
    }

    @Test("sources of bind mounts are taken before the root is entered, and all mounts are made after it")
    func order() throws {
        let steps = plan { description in
            description.mounts = [
                MountDescription(source: "proc", destination: "/proc", type: "proc", options: []),
                MountDescription(source: "/s", destination: "/d", type: "bind", options: ["rbind", "ro"]),
            ]
        }
        let enter = try #require(steps.firstIndex(of: .enterRoot("/r")))
        let clone = try #require(steps.firstIndex(of: .cloneTree("/s", slot: 0, recursive: true)))
        let attach = try #require(steps.firstIndex(of: .attachTree("/d", slot: 0, source: "/s")))
        let remount = try #require(steps.firstIndex(of: .remount("/d", flags: UInt(MS_RDONLY), cleared: 0)))
        let proc = try #require(steps.firstIndex(of: .mount(source: "proc", "/proc", type: "proc", flags: 0, data: "")))
        #expect(clone < enter && enter < proc && proc < attach && attach < remount)
    }

    @Test("capabilities are dropped and the user changed after the last step that needs root")
    func identityLast() throws {
        let steps = plan { $0.isRootReadOnly = true }
        let readOnly = try #require(steps.firstIndex(of: .remount("/", flags: UInt(MS_RDONLY), cleared: 0)))
        let bound = try #require(steps.firstIndex(of: .bound(0)))
        let group = try #require(steps.firstIndex(of: .group(0)))
        let user = try #require(steps.firstIndex(of: .user(0)))
        let find = try #require(steps.firstIndex(of: .findProgram("sh", candidates: [])))
        #expect(readOnly < bound && bound < group && group < user && user < find)
        #expect(steps.suffix(2) == [.awaitStart, .execute("sh")])
    }

    @Test("a bound /dev keeps its own devices")
    func boundDevices() {
        let steps = plan {
            $0.mounts = [MountDescription(source: "/dev", destination: "/dev", type: "bind", options: ["rbind"])]
        }
        #expect(!steps.contains { if case .makeNode = $0 { true } else { false } })
    }

    @Test("the specification's device takes the place of the default one at its path")
    func devicePrecedence() {
        let own = DeviceDescription(path: "/dev/null", mode: UInt32(S_IFCHR) | 0o600, major: 1, minor: 3)
        let nodes = plan { $0.devices = [own] }.compactMap { if case .makeNode(let device) = $0 { device } else { nil } }
        #expect(nodes.filter { $0.path == "/dev/null" } == [own])
        #expect(nodes.count == 6)
    }

    @Test("a read-only /dev becomes so after its nodes are made")
    func lateReadOnly() throws {
        let steps = plan {
            $0.mounts = [MountDescription(source: "tmpfs", destination: "/dev", type: "tmpfs", options: ["ro", "nosuid"])]
        }
        let flags = UInt(MS_NOSUID | MS_RDONLY)
        let mount = try #require(steps.firstIndex(of: .mount(source: "tmpfs", "/dev", type: "tmpfs", flags: UInt(MS_NOSUID), data: "")))
        let late = try #require(steps.firstIndex(of: .remount("/dev", flags: flags, cleared: 0)))
        #expect(steps[mount..<late].contains { if case .makeNode = $0 { true } else { false } })
    }

    @Test("kernel parameters are written below /proc/sys before the guest's /proc is left")
    func kernelParameters() throws {
        let steps = plan { $0.kernelParameters = [("net.core.somaxconn", "10")] }
        let write = try #require(steps.firstIndex(of: .writeFile("/proc/sys/net/core/somaxconn", "10")))
        #expect(write < (try #require(steps.firstIndex(of: .enterRoot("/r")))))
    }
}

@Suite struct SpecificationReadingTests {
    private func specification(_ change: (inout WireSpec) -> Void = { _ in }) -> WireSpec {
        var spec = WireSpec()
        spec.root.path = "/run/c/rootfs"
        spec.process.args = ["sh"]
        spec.process.cwd = "/"
        change(&spec)
        return spec
    }

    @Test("a terminal has the console's size, and one without a size the kernel's")
    func terminal() throws {
        let sized = try ContainerDescription(
            specification { spec in
                spec.process.terminal = true
                spec.process.consoleSize.height = 33
                spec.process.consoleSize.width = 99
            })
        #expect(sized.process.terminal == TerminalSize(rows: 33, columns: 99))
        #expect(ContainerPlan(of: sized).steps.contains(.terminal(TerminalSize(rows: 33, columns: 99), isConsole: true)))
        let unsized = try ContainerDescription(specification { $0.process.terminal = true })
        #expect(unsized.process.terminal == TerminalSize())
        #expect(try ContainerDescription(specification()).process.terminal == nil)
    }

    @Test("an unknown namespace, a user namespace without ids and a host's namespace path are refused, each with its reason")
    func refusals() throws {
        let user = specification { spec in
            var namespace = WireLinuxNamespace()
            namespace.type = "user"
            spec.linux.namespaces = [namespace]
        }
        #expect { try ContainerDescription(user) } throws: { TTRPCStatus(reporting: $0).code == .invalidArgument }
        let unknown = specification { spec in
            var namespace = WireLinuxNamespace()
            namespace.type = "place"
            spec.linux.namespaces = [namespace]
        }
        #expect { try ContainerDescription(unknown) } throws: { TTRPCStatus(reporting: $0).code == .unimplemented }
        let path = specification { spec in
            var namespace = WireLinuxNamespace()
            namespace.type = "network"
            namespace.path = "/proc/1/ns/net"
            spec.linux.namespaces = [namespace]
        }
        #expect { try ContainerDescription(path) } throws: { TTRPCStatus(reporting: $0).code == .invalidArgument }
    }

    @Test("a time namespace is unshared, offset and entered before anything else, and what joins the container enters it too")
    func clocks() throws {
        let spec = specification { spec in
            var namespace = WireLinuxNamespace()
            namespace.type = "time"
            spec.linux.namespaces = [namespace]
            spec.linux.timeOffsets = ["monotonic": "1 2", "boottime": "-3 0"]
        }
        let steps = ContainerPlan(of: try ContainerDescription(spec)).steps
        let enter = ContainerStep.enterNamespace("/proc/self/ns/time_for_children", kind: CL_NEW_TIME)
        #expect(
            steps.prefix(3) == [
                .unshare(namespaces: CL_NEW_TIME), .writeFile("/proc/self/timens_offsets", "boottime -3 0\nmonotonic 1 2"), enter,
            ])
        var mapped = try ContainerDescription(spec)
        mapped.identities = IdentityMaps(users: [], groups: [])
        let later = ContainerPlan(of: mapped).steps
        #expect(later.prefix(2) == [.unshare(namespaces: CL_NEW_TIME), .awaitStart], "the agent writes them for it")
        #expect(later.contains(enter) && !later.contains { if case .writeFile = $0 { true } else { false } })
        func joined(_ steps: [ContainerStep]) -> UInt64 {
            steps.compactMap { if case .joinContainer(let namespaces) = $0 { namespaces } else { nil } }.first ?? 0
        }
        #expect(joined(ProcessPlan.joining(ProcessDescription(), joinsClocks: true)) & CL_NEW_TIME != 0)
        #expect(joined(ProcessPlan.joining(ProcessDescription())) & CL_NEW_TIME == 0)
    }

    @Test("an apparmor profile is named as not applied")
    func unapplied() {
        let spec = specification { $0.process.apparmorProfile = "docker-default" }
        #expect(ContainerDescription.unapplied(in: spec) == ["apparmor profile"])
        #expect(ContainerDescription.unapplied(in: specification()) == [])
    }

    @Test("a network namespace without a path is the container's own, and without one it shares the guest's")
    func network() throws {
        var namespace = WireLinuxNamespace()
        namespace.type = "network"
        #expect(try ContainerDescription(specification { $0.linux.namespaces = [namespace] }).hasOwnNetwork)
        #expect(try !ContainerDescription(specification()).hasOwnNetwork)
    }
}

@Suite struct ProgramFailureTests {
    @Test(
        "a program that cannot be run has the words and the code that engines look for",
        arguments: [
            (
                ContainerStep.findProgram("x", candidates: []), Errno.noSuchFileOrDirectory, "executable file not found in $PATH",
                TTRPCStatus.Code.notFound
            ),
            (.findProgram("/x", candidates: []), .noSuchFileOrDirectory, "no such file or directory", .notFound),
            (.findProgram("/x", candidates: []), .permissionDenied, "permission denied", .permissionDenied),
            (.execute("/x"), .execFormatError, "exec format error", .permissionDenied),
            (.enterRoot("/r"), .invalidArgument, "Invalid argument", .internal),
        ])
    func words(step: ContainerStep, errno: Errno, words: String, code: TTRPCStatus.Code) {
        let status = TTRPCStatus(reporting: AgentFailure.step(step, errno))
        #expect(status.code == code)
        #expect(status.message == "\(step): \(words)")
    }
}
