// SPDX-License-Identifier: Apache-2.0

import KataOCI
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@testable import KataBundle

@Suite struct SpecCheckTests {
    /// The complaints about a specification that is right but for these members of its sections.
    private func problems(process: String = "", linux: String = "", other: String = "") throws -> [String] {
        let text = """
            {"ociVersion":"1.0.2","root":{"path":"rootfs"},\(other)
            "process":{\(process)"args":["true"],"cwd":"/"},
            "linux":{\(linux)"namespaces":[{"type":"pid"}]}}
            """
        let parsed = JSONDocument.parse(SourceText(path: "config.json", bytes: Array(text.utf8)))
        let document = try #require(parsed.value)
        return SpecCheck(try document.decode(Spec.self)).located(in: document)
    }

    @Test func whatIsRightHasNoProblem() throws { #expect(try problems() == []) }

    @Test(
        arguments: [
            (#""user":{"uid":0,"gid":0,"umask":512},"#, "'process.user.umask': 512 is above 511"),
            (#""oomScoreAdj":1001,"#, "'process.oomScoreAdj': 1001 is not from -1000 to 1000"),
            (#""rlimits":[{"type":"RLIMIT_NOFIL","soft":1,"hard":1}],"#, "did you mean 'RLIMIT_NOFILE'?"),
            (#""rlimits":[{"type":"RLIMIT_CPU","soft":2,"hard":1}],"#, "'process.rlimits[0].soft': 2 is above the hard limit 1"),
            (
                #""rlimits":[{"type":"RLIMIT_CPU","soft":1,"hard":1},{"type":"RLIMIT_CPU","soft":1,"hard":1}],"#,
                "'process.rlimits[1].type': 'RLIMIT_CPU' is there twice"
            ),
            (#""scheduler":{"policy":"SCHED_FIF"},"#, "did you mean 'SCHED_FIFO'?"),
            (#""scheduler":{"policy":"SCHED_OTHER","nice":20},"#, "'process.scheduler.nice'"),
            (#""scheduler":{"policy":"SCHED_FIFO"},"#, "'process.scheduler.priority': 0 is not from 1 to 99"),
            (#""scheduler":{"policy":"SCHED_RR","priority":100},"#, "'process.scheduler.priority': 100 is not from 1 to 99"),
            (#""scheduler":{"policy":"SCHED_BATCH","priority":1},"#, "'SCHED_BATCH' has no priorities"),
            (
                #""scheduler":{"policy":"SCHED_DEADLINE","runtime":1024,"deadline":2048},"#,
                "'process.scheduler.period': 2048 is not from 100000 to 4194304000 nanoseconds"
            ),
            (#""env":["A=","=b"],"#, "'process.env[1]': '=b' is not NAME=value"),
            (#""user":{"uid":4294967295,"gid":0},"#, "'process.user.uid': 4294967295 is no id"),
            (#""ioPriority":{"class":"IOPRIO_CLASS_BE","priority":8},"#, "'process.ioPriority.priority': 8 is not from 0 to 7"),
        ])
    func aProcessIsLocatedAndNamed(members: String, words: String) throws {
        let found = try problems(process: members)
        #expect(found.count == 1 && found[0].hasPrefix("config.json:2:") && found[0].contains(words), "\(found)")
    }

    @Test(
        arguments: [
            (#""devices":[{"path":"dev/x","type":"c","major":1,"minor":3}],"#, "'linux.devices[0].path'"),
            (#""devices":[{"path":"/dev/x","type":"q","major":1,"minor":3}],"#, "'linux.devices[0].type'"),
            (#""devices":[{"path":"/dev/x","type":"c","major":-4,"minor":3}],"#, "'linux.devices[0].major': -4 is not from 0 to 4095"),
            (#""devices":[{"path":"/dev/x","type":"c","major":1,"minor":3,"fileMode":25008}],"#, "25008 is above 4095"),
            (#""uidMappings":[{"containerID":0,"hostID":0,"size":0}],"#, "'linux.uidMappings[0].size': a range of no ids"),
            (
                #""gidMappings":[{"containerID":0,"hostID":0,"size":10},{"containerID":9,"hostID":100,"size":1}],"#,
                "'linux.gidMappings[1]': the range overlaps an earlier one"
            ),
            (
                #""gidMappings":[{"containerID":0,"hostID":5,"size":10},{"containerID":10,"hostID":0,"size":6}],"#,
                "'linux.gidMappings[1]': the range overlaps an earlier one"
            ),
            (#""cgroupsPath":"a/../../b","#, "'linux.cgroupsPath': 'a/../../b' leaves the group"),
            (#""resources":{"hugepageLimits":[{"pageSize":"2M","limit":0}]},"#, "'2M' is no size"),
            (#""resources":{"hugepageLimits":[{"pageSize":"0MB","limit":0}]},"#, "'0MB' is no size"),
            (#""resources":{"cpu":{"shares":262145}},"#, "262145 is not from 2 to 262144"),
            (#""resources":{"cpu":{"idle":-1}},"#, "-1 is neither 0 nor 1"),
            (#""resources":{"cpu":{"burst":2000,"quota":1000}},"#, "2000 is above 1000 microseconds"),
            (#""seccomp":{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X64"]},"#, "'SCMP_ARCH_X64' is none"),
            (#""seccomp":{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_PPC"]},"#, "'SCMP_ARCH_PPC' cannot be in a filter"),
            (#""seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":4095},"#, "4095 is above 4094"),
            (#""rootfsPropagation":"rslav","#, "did you mean 'rslave'?"),
            (#""personality":{"domain":"SUN"},"#, "'linux.personality.domain'"),
            (#""sysctl":{"..kernel":"1"},"#, "'linux.sysctl...kernel'"), (#""maskedPaths":["proc"],"#, "'linux.maskedPaths[0]'"),
            (#""resources":{"devices":[{"allow":true,"access":"rx"}]},"#, "'linux.resources.devices[0].access'"),
            (#""resources":{"memory":{"limit":-2}},"#, "'linux.resources.memory.limit'"),
            (#""resources":{"memory":{"limit":200,"swap":100}},"#, "'linux.resources.memory.swap'"),
            (#""resources":{"memory":{"swappiness":101}},"#, "'linux.resources.memory.swappiness'"),
            (#""resources":{"cpu":{"period":10}},"#, "'linux.resources.cpu.period'"),
            (#""resources":{"cpu":{"cpus":"zero"}},"#, "'linux.resources.cpu.cpus'"),
            (#""resources":{"pids":{"limit":-2}},"#, "'linux.resources.pids.limit'"),
            (#""resources":{"blockIO":{"weight":5}},"#, "'linux.resources.blockIO.weight'"),
            (#""resources":{"unified":{"../memory.max":"1"}},"#, "'linux.resources.unified.../memory.max'"),
            (#""seccomp":{"defaultAction":"SCMP_ACT_ALOW"},"#, "did you mean 'SCMP_ACT_ALLOW'?"),
            (#""seccomp":{"defaultAction":"SCMP_ACT_ALLOW","flags":["X"]},"#, "'linux.seccomp.flags[0]'"),
            (#""resources":{"blockIO":{"weightDevice":[{"major":8,"minor":0}]}},"#, "'linux.resources.blockIO.weightDevice[0]'"),
            (#""resources":{"rdma":{"mlx5":{}}},"#, "'linux.resources.rdma.mlx5'"),
            (#""seccomp":{"defaultAction":"SCMP_ACT_LOG","defaultErrnoRet":1},"#, "'SCMP_ACT_LOG' returns no error number"),
            (#""seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"listenerMetadata":"x"},"#, "there is no listenerPath"),
            (
                #""seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":6,"value":0,"op":"SCMP_CMP_EQ"}]}]},"#,
                "'linux.seccomp.syscalls[0].args[0].index': 6 is not from 0 to 5"
            ),
        ])
    func theLinuxSectionIsLocatedAndNamed(members: String, words: String) throws {
        let found = try problems(linux: members)
        #expect(found.count == 1 && found[0].hasPrefix("config.json:3:") && found[0].contains(words), "\(found)")
    }

    @Test(
        arguments: [
            // Engines of some years leave the type of the file in it.
            #""devices":[{"path":"/dev/x","type":"c","major":1,"minor":3,"fileMode":8630}],"#,
            #""devices":[{"path":"/dev/x","type":"b","major":1,"minor":3,"fileMode":24992}],"#,
            #""uidMappings":[{"containerID":0,"hostID":1,"size":4294967295}],"#,
            #""gidMappings":[{"containerID":0,"hostID":0,"size":10},{"containerID":10,"hostID":10,"size":10}],"#,
            #""cgroupsPath":"/a..b/..c","#, #""resources":{"cpu":{"shares":0,"burst":0,"idle":1}},"#,
            #""resources":{"hugepageLimits":[{"pageSize":"64KB","limit":0},{"pageSize":"1GB","limit":0}]},"#,
            #""seccomp":{"defaultAction":"SCMP_ACT_TRACE","defaultErrnoRet":65535},"#,
            #""seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":4094},"#,
        ])
    func whatIsAtItsEdgeIsTaken(members: String) throws { #expect(try problems(linux: members) == []) }

    @Test func namespacesAreKnownAndThereOnce() throws {
        let text =
            #"{"ociVersion":"1.0.2","linux":{"namespaces":[{"type":"pid"},{"type":"pid"},{"type":"nett"},{"type":"ipc","path":"x"}]}}"#
        let document = try #require(JSONDocument.parse(SourceText(path: "config.json", bytes: Array(text.utf8))).value)
        #expect(SpecCheck(try document.decode(Spec.self)).located(in: document).count == 3)
    }

    @Test func hooksAndMountsAndAnnotationsAreChecked() throws {
        let found = try problems(
            other:
                #""annotations":{"":"x"},"mounts":[{"destination":""},{"destination":"tmp"}],"hooks":{"prestart":[{"path":"sh"},{"path":"/sh","timeout":0}]},"#
        )
        #expect(found.count == 4, "\(found)")
        #expect(found.contains { $0.contains("'hooks.prestart[1].timeout': 0 is not above zero") })
    }

    @Test func aBundleTellsAllProblemsAtOnce() async throws {
        try await withTemporaryDirectory { directory in
            try FileSystem.makeDirectory(directory.appending("rootfs"))
            let text = #"{"ociVersion":"1.0.2","process":{"args":["x"],"cwd":"a","oomScoreAdj":9999},"root":{"path":"rootfs"},"linux":{}}"#
            try AtomicFile.write(Array(text.utf8), to: directory.appending("config.json"))
            let error = #expect(throws: BundleError.self) { try Bundle.load(directory) }
            let message = error.map { errorChain($0) } ?? ""
            #expect(message.contains("'process.cwd'") && message.contains("'process.oomScoreAdj'"), "\(message)")
        }
    }
}
