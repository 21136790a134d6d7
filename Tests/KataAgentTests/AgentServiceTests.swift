// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import KataSystem
internal import KataTestSupport
internal import KataWire
internal import SystemPackage
internal import Testing

@Suite(.serialized, .needs(.root, .program("unshare"), .program("busybox")), .timeLimit(.minutes(2)))
struct AgentServiceTests {
    @Test("exit codes arrive as they are, signals as 128 and their number")
    func exitStatuses() async throws {
        try await AgentFixture.with { agent async throws in
            for (script, status) in [("true", 0), ("exit 1", 1), ("exit 42", 42), ("kill -9 $$ & wait; exec /bin/busybox false", 1)] {
                #expect(try await agent.run("c", agent.specification(script)).status == Int32(status))
            }
            try await agent.create("k", agent.specification("sleep 1000"))
            try await agent.start("k")
            try await agent.signal(9, "k")
            #expect(try await agent.wait("k") == 137)
            try await agent.signal(9, "k")
            try await agent.remove("k")
        }
    }

    @Test("ten mebibytes of output arrive without loss before end of file")
    func largeOutput() async throws {
        try await AgentFixture.with { agent async throws in
            try await agent.create("c", agent.specification("head -c 10485760 /dev/zero; echo end"))
            try await agent.start("c")
            let bytes = try await agent.output("c")
            #expect(bytes.count == 10_485_764)
            #expect(bytes.suffix(4) == Array("end\n".utf8)[...])
            try await agent.remove("c")
        }
    }

    @Test("standard input waits for its reader, and its end is the reader's end of file")
    func input() async throws {
        try await AgentFixture.with { agent async throws in
            try await agent.create("c", agent.specification("sleep 0.3; cat"))
            try await agent.start("c")
            async let echoed = agent.output("c")
            var request = WireWriteStreamRequest()
            request.containerID = "c"
            for part in 0..<16 {
                request.bytes = [UInt8](repeating: UInt8(part), count: 65536)
                #expect(try await agent.client.writeStdin(request).len == 65536)
            }
            var end = WireCloseStdinRequest()
            end.containerID = "c"
            try await agent.client.closeStdin(end)
            let bytes = try await echoed
            #expect(bytes.count == 16 * 65536)
            #expect(bytes.last == 15)
            #expect(try await agent.wait("c") == 0)
            try await agent.remove("c")
        }
    }

    @Test("a container is PID 1 of its own namespaces, with its own root, host name and devices")
    func isolation() async throws {
        try await AgentFixture.with { agent async throws in
            var spec = agent.specification("echo $$; hostname; ls /; ls -l /proc/self/fd | wc -l; echo x > /dev/null; echo $HOME; pwd")
            spec.process.cwd = "/work/deep"
            let result = try await agent.run("c", spec)
            #expect(
                result.output.split(separator: "\n").joined(separator: " ") == "1 box bin dev etc proc sys tmp work 5 /root /work/deep")
        }
    }

    @Test("masked paths show nothing, read-only paths and a read-only root refuse writes")
    func protection() async throws {
        try await AgentFixture.with { agent async throws in
            var spec = agent.specification(
                "wc -c < /proc/version; ls /proc/fs | wc -l; echo y > /proc/sys/kernel/hostname || echo refused; touch /x || echo refused")
            spec.linux.maskedPaths = ["/proc/version", "/proc/fs", "/proc/missing"]
            spec.linux.readonlyPaths = ["/proc/sys", "/proc/missing"]
            spec.root.readonly = true
            #expect(try await agent.run("c", spec).output == "0\n0\nrefused\nrefused\n")
        }
    }

    @Test("a tmpfs has the mode that it is given, else that of the directory that it covers, else its own")
    func temporaryFileSystems() async throws {
        try await AgentFixture.with { agent async throws in
            let covered = agent.rootfs.appending("tmp")
            try AtomicFile.write(Array("kept".utf8), to: covered.appending("file"), mode: 0o600)
            chmod(covered.string, 0o710)
            for (destination, options, mode) in [
                ("/tmp", [], "710"), ("/tmp", ["size=1m", "tmpcopyup"], "710"), ("/tmp", ["mode=1750", "tmpcopyup"], "1750"),
                ("/tmp", ["ro"], "710"), ("/new", [], "1777"), ("/later", ["tmpcopyup", "size=1m"], "1777"),
                ("/last", ["mode=0700"], "700"),
            ] as [(String, [String], String)] {
                var spec = agent.specification("stat -c %a \(destination); cat \(destination)/file 2>/dev/null")
                spec.mounts.append(agent.mount("tmpfs", destination, "tmpfs", options))
                let kept = destination == "/tmp" && options.contains("tmpcopyup") ? "kept" : ""
                #expect(try await agent.run("c", spec).output == "\(mode)\n\(kept)", "\(destination) \(options)")
            }
        }
    }

    @Test("user, groups, capabilities, limits and no_new_privs are what the specification says")
    func identity() async throws {
        try await AgentFixture.with { agent async throws in
            var spec = agent.specification(
                "id -u; id -G; ulimit -n; grep -E '^(CapPrm|CapEff|CapBnd|CapInh|CapAmb|NoNewPrivs)' /proc/self/status; echo ok > /dev/stdout"
            )
            spec.process.user.uid = 1000
            spec.process.user.gid = 1000
            spec.process.user.additionalGids = [5, 7]
            spec.process.noNewPrivileges = true
            for path in [\WireLinuxCapabilities.bounding, \.permitted, \.effective, \.inheritable, \.ambient] {
                spec.process.capabilities[keyPath: path] = ["CAP_NET_BIND_SERVICE"]
            }
            spec.process.capabilities.bounding.append("CAP_CHOWN")
            var limit = WirePOSIXRlimit()
            (limit.type, limit.soft, limit.hard) = ("RLIMIT_NOFILE", 100, 200)
            spec.process.rlimits = [limit]
            let one = "0000000000000400"
            #expect(
                try await agent.run("c", spec).output
                    == "1000\n1000 5 7\n100\nCapInh:\t\(one)\nCapPrm:\t\(one)\nCapEff:\t\(one)\nCapBnd:\t0000000000000401\nCapAmb:\t\(one)\nNoNewPrivs:\t1\nok\n"
            )
        }
    }
}

@Suite(.serialized, .needs(.root, .program("unshare"), .program("busybox")), .timeLimit(.minutes(2)))
struct AgentFailureTests {
    private func status(_ body: () async throws -> Void) async -> TTRPCStatus? {
        do {
            try await body()
            return nil
        } catch {
            return error as? TTRPCStatus
        }
    }

    @Test("a program that is missing or not executable fails the creation with a code of its own, and leaves the id free")
    func programs() async throws {
        try await AgentFixture.with { agent async throws in
            var spec = agent.specification("true")
            for (program, code) in [("nowhere", TTRPCStatus.Code.notFound), ("/nowhere", .notFound), ("/etc/passwd", .permissionDenied)] {
                spec.process.args = [program]
                #expect(await status { try await agent.create("c", spec) }?.code == code)
            }
            #expect(try await agent.run("c", agent.specification("exit 3")).status == 3)
        }
    }

    @Test("a mount that fails is named with its source")
    func mountFailure() async throws {
        try await AgentFixture.with { agent async throws in
            var spec = agent.specification("true")
            spec.mounts.append(agent.mount("/nonexistent", "/x", "bind", ["rbind"]))
            let failure = await status { try await agent.create("c", spec) }
            #expect(failure?.message == "clone mount '/nonexistent' of the guest: No such file or directory")
        }
    }

    @Test("a link in the image leads neither a bind mount out of the root nor /proc elsewhere")
    func links() async throws {
        try await AgentFixture.with { agent async throws in
            // The same path leads to a directory on the machine and to one in the image.
            let outside = agent.rootfs.removingLastComponent().appending("outside")
            try FileSystem.makeDirectory(outside)
            try FileSystem.makeDirectory(FilePath(agent.rootfs.string + outside.string))
            let ln = try #require(findProgram("ln"))
            _ = try await runProgram(ln, ["-s", outside.string, agent.rootfs.appending("escape").string])
            var spec = agent.specification("ls /escape/inner")
            spec.mounts.append(agent.mount(agent.rootfs.appending("etc").string, "/escape/inner", "bind", ["rbind"]))
            #expect(try await agent.run("c", spec).output == "passwd\n")
            #expect(try FileSystem.list(outside) == [])
            try FileSystem.removeDirectory(agent.rootfs.appending("proc"))
            _ = try await runProgram(ln, ["-s", "/tmp", agent.rootfs.appending("proc").string])
            #expect(await status { try await agent.create("d", agent.specification("true")) }?.code == .internal)
        }
    }

    @Test("what is unknown is not found, what exists is not made twice, and what is unsupported is not implemented")
    func codes() async throws {
        try await AgentFixture.with { agent async throws in
            #expect(await status { _ = try await agent.wait("c") }?.code == .notFound)
            try await agent.create("c", agent.specification("sleep 1000"))
            #expect(await status { try await agent.create("c", agent.specification("true")) }?.code == .alreadyExists)
            #expect(await status { _ = try await agent.wait("c", exec: "e") }?.code == .notFound)
            #expect(await status { try await agent.create("../c", agent.specification("true")) }?.code == .invalidArgument)
            var spec = agent.specification("true")
            spec.linux.namespaces.append(.with { $0.type = "place" })
            #expect(await status { try await agent.create("t", spec) }?.code == .unimplemented)
            try await agent.remove("c")
            #expect(await status { try await agent.start("c") }?.code == .notFound)
        }
    }
}

@Suite(.serialized, .needs(.root, .program("unshare"), .program("busybox")), .timeLimit(.minutes(2)))
struct AgentExecTests {
    @Test("a further process joins the container's namespaces and group, as its own user")
    func joins() async throws {
        try await AgentFixture.with { agent async throws in
            try await agent.create("c", agent.specification("sleep 1000"))
            try await agent.start("c")
            var process = agent.process(
                "hostname; id -u; test $(readlink /proc/1/ns/pid) = $(readlink /proc/self/ns/pid) && echo same; exit 7")
            process.user.uid = 0
            try await agent.execute("e", in: "c", process)
            #expect(String(decoding: try await agent.output("c", exec: "e"), as: UTF8.self) == "box\n0\nsame\n")
            #expect(try await agent.wait("c", exec: "e") == 7)
            try await agent.remove("c")
        }
    }

    @Test("no status is lost when many processes end at once")
    func statuses() async throws {
        try await AgentFixture.with { agent async throws in
            try await agent.create("c", agent.specification("sleep 1000"))
            try await agent.start("c")
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await agent.execute("e\(number)", in: "c", agent.process("exit \(number)"))
                        return try await agent.wait("c", exec: "e\(number)") == Int32(number)
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
            try await agent.remove("c")
        }
    }

    @Test("the container's end by SIGKILL ends every process in it")
    func kill() async throws {
        try await AgentFixture.with { agent async throws in
            try await agent.create("c", agent.specification("sleep 1000 & sleep 1000"))
            try await agent.start("c")
            try await agent.execute("e", in: "c", agent.process("sleep 1000"))
            try await agent.signal(9, "c")
            #expect(try await agent.wait("c") == 137)
            #expect(try await agent.wait("c", exec: "e") == 137)
            try await agent.remove("c")
        }
    }
}
