// SPDX-License-Identifier: Apache-2.0

@testable import Compat
import KataConfig
import KataText
import SystemPackage
import Testing

@Suite("command lines of the old runtimes")
struct LegacyCommandLineTests {
    /// A command line, divided at blanks.
    private func reading(_ line: String, isMoved: Bool = false) throws -> LegacyCommandLine.Reading {
        let words = line.split(separator: " ").map(String.init)
        let command = try #require(LegacyCommandLine.named(words[0]))
        return command.reading(of: Array(words.dropFirst()), hasConfiguration: { isMoved }, exists: { Self.present.contains($0) })
    }

    /// The old configurations that are there: of two of one name, the later is not read.
    private static let present: Set<FilePath> = [
        "/usr/share/defaults/clear-containers/configuration.toml", "/etc/cc-oci-runtime/vm.json",
        "/usr/share/defaults/cc-oci-runtime/vm.json", "/etc/docker/daemon.json",
    ]

    /// - Parameter new: `/old` stands for the old program's own configuration.
    private func expect(_ old: String, _ new: String, isMoved: Bool = false) throws {
        let own =
            old.hasPrefix("cc-oci") ? "/etc/cc-oci-runtime/vm.json" : "/usr/share/defaults/clear-containers/configuration.toml"
        let words = new.split(separator: " ").map { String($0).replacing("=/old", with: "=\(own)") }
        #expect(try reading(old, isMoved: isMoved) == .run(words), "\(old)")
    }

    @Test(
        "cc-runtime's words are said in today's",
        arguments: [
            (
                "cc-runtime --log /l --log-format json --root /r --cc-config /c.toml create --bundle b --pid-file p one",
                "--log=/l --log-format=json --root=/r --config=/c.toml create --bundle=b --pid-file=p one"
            ),
            ("cc-runtime --cc-config=/c.toml cc-env", "--config=/c.toml env"),
            ("cc-runtime -cc-config /c.toml cc-check", "--config=/c.toml check"),
            (
                "cc-runtime --debug --root create list --cc-all -q -f json",
                "--debug --root=create --config=/old list --quiet --format=json"
            ),
            ("cc-runtime exec one cc-env --cc-all", "--config=/old exec one cc-env --cc-all"),
            (
                "cc-runtime exec -t -e A=B -u 1:2 --process-label l --apparmor a --cap CAP_X --no-subreaper --detach=false one sh -c x",
                "--config=/old exec --tty --env=A=B --user=1:2 --cap=CAP_X one sh -c x"
            ),
            ("cc-runtime run -d -b=/b one", "--config=/old run --detach --bundle=/b one"),
            ("cc-runtime create --console= one", "--config=/old create one"),
            ("cc-runtime kill one KILL -a", "--config=/old kill --all one KILL"),
            ("cc-runtime delete --force one", "--config=/old delete --force one"),
            ("cc-runtime ps -f json one aux", "--config=/old ps --format=json one aux"),
            ("cc-runtime exec -- one -x", "--config=/old exec -- one -x"),
            ("cc-runtime --bogus list", "--bogus --config=/old list"),
            ("cc-runtime bogus -x", "--config=/old bogus -x"),
            ("cc-runtime --log", "--log"), ("cc-runtime -v", "--version"), ("cc-runtime -h", "--help"), ("cc-runtime", ""),
        ])
    func ccRuntime(_ old: String, _ new: String) throws { try expect(old, new) }

    @Test(
        "cc-oci-runtime's words are said in today's, and what it ignored is left out",
        arguments: [
            (
                "cc-oci-runtime --global-log /g --hypervisor-log-dir /h --criu c --systemd-cgroup --shim-path s --proxy-socket-path=p -d list -a",
                "--debug --config=/old list"
            ),
            (
                "cc-oci-runtime --log /l --log-format xml --root /r state one",
                "--log=/l --log-format=text --root=/r --config=/old state one"
            ),
            ("cc-oci-runtime create --bundle /b --console= --no-pivot one", "--config=/old create --bundle=/b --no-pivot one"),
            ("cc-oci-runtime create one /b", "--config=/old create --bundle=/b one"),
            ("cc-oci-runtime create -b/b one", "--config=/old create --bundle=/b one"),
            ("cc-oci-runtime run -d --no-subreaper --pid-file p one /b", "--config=/old run --detach --pid-file=p --bundle=/b one"),
            ("cc-oci-runtime start -b /b one", "--config=/old start one"),
            ("cc-oci-runtime stop one", "--config=/old delete one"),
            ("cc-oci-runtime events --interval 5 --stats one", "--config=/old events --interval=5s --stats one"),
            ("cc-oci-runtime exec -td -u 0 one ls -a", "--config=/old exec --tty --detach --user=0 one ls -a"),
            ("cc-oci-runtime kill -a one 9", "--config=/old kill --all one 9"),
            ("cc-oci-runtime -dv", "--debug --version"), ("cc-oci-runtime -d-legacy-call=. list", "-d-legacy-call=. --config=/old list"),
            ("cc-oci-runtime version", "--config=/old version"),
        ])
    func ccOCIRuntime(_ old: String, _ new: String) throws { try expect(old, new) }

    @Test(
        "what cannot be honoured is refused by its name",
        arguments: [
            ("cc-runtime create --console /dev/pts/1 one", "--console"), ("cc-runtime exec --console=/dev/pts/1 one sh", "--console"),
            ("cc-oci-runtime create --console /dev/pts/1 --bundle b one", "--console"),
            ("cc-oci-runtime create --console --bundle b one", "--console"), ("cc-oci-runtime run --dry-run one b", "--dry-run"),
        ])
    func refused(_ old: String, _ flag: String) throws {
        guard case .refusal(let text) = try reading(old) else {
            Issue.record("\(old) is run")
            return
        }
        #expect(text.hasPrefix("\(flag): "))
    }

    @Test("the places where a configuration is looked for are printed in their order")
    func paths() throws {
        guard case .answer(let text) = try reading("cc-runtime --cc-show-default-config-paths") else {
            Issue.record("it is run")
            return
        }
        let lines = text.split(separator: "\n").map { FilePath(String($0)) }
        #expect(lines == ConfigurationSearch.standardPaths + ClearContainersV3.dialect.searchPaths)
    }

    @Test("a file that is named counts, then Kata's own, then the old program's")
    func configuration() throws {
        try expect("cc-runtime list", "--config=/old list")
        try expect("cc-runtime list", "list", isMoved: true)
        try expect("cc-runtime --cc-config /c list", "--config=/c list", isMoved: true)
        #expect(LegacyCommandLine.named("kata-runtime") == nil)
        let command = try #require(LegacyCommandLine.named("cc-oci-runtime"))
        #expect(command.reading(of: ["list"], hasConfiguration: { false }, exists: { _ in false }) == .run(["list"]))
    }

    @Test("nothing is looked for where no command is run")
    func unasked() throws {
        let command = try #require(LegacyCommandLine.named("cc-runtime"))
        for words in [["--version"], ["--cc-config", "/c", "list"], ["--cc-show-default-config-paths"]] {
            _ = command.reading(
                of: words,
                hasConfiguration: {
                    Issue.record("\(words): Kata's")
                    return false
                },
                exists: {
                    Issue.record("\(words): \($0)")
                    return false
                })
        }
    }
}

@Suite("command lines of runV")
struct RunVCommandLineTests {
    private func reading(_ words: [String], isMoved: Bool = false) throws -> LegacyCommandLine.Reading {
        let command = try #require(LegacyCommandLine.named("runv"))
        return command.reading(
            of: words, hasConfiguration: { isMoved },
            exists: {
                Issue.record("runV had no file, and \($0) is asked for")
                return false
            })
    }

    private func reading(_ line: String, isMoved: Bool = false) throws -> LegacyCommandLine.Reading {
        try reading(line.split(separator: " ").map(String.init), isMoved: isMoved)
    }

    @Test(
        "runV's words are said in today's",
        arguments: [
            (
                "--root /r --log /l --log-format json --debug create -b b --pid-file=p one",
                "--root=/r --log=/l --log-format=json --debug"
                    + " create --bundle=b --pid-file=p one"
            ),
            ("-log_dir /d --log-format xml list -q", "--log-format=text list --quiet"),
            ("run --no-pivot -d --console-socket s one", "run --detach --console-socket=s one"),
            ("start one", "start one"), ("start -b /b -d one", "run --bundle=/b --detach one"),
            ("start one -bundle=/b", "run --bundle=/b one"),
            ("exec -p /p.json --detach --pid-file p one", "exec --process=/p.json --detach --pid-file=p one"),
            ("exec -t -u 0 --process-label l --apparmor a --no-subreaper one sh -c x", "exec --tty --user=0 one sh -c x"),
            ("kill one KILL", "kill one KILL"), ("kill --all one 9", "kill --all one 9"), ("delete -f one", "delete --force one"),
            ("ps -f json one", "ps --format=json one"), ("list --format=table", "list --format=table"), ("state one", "state one"),
            ("spec -b d", "spec --bundle=d"), ("pause one", "pause one"), ("resume one", "resume one"), ("h", "help"),
            ("--bogus list", "--bogus list"), ("--vsock list", "--vsock list"), ("features", "features"), ("-v", "--version"), ("", ""),
        ])
    func words(_ old: String, _ new: String) throws {
        #expect(try reading(old, isMoved: true) == .run(new.split(separator: " ").map(String.init)), "\(old)")
    }

    @Test("flags that describe the machine are the configuration, whatever else is there")
    func call() throws {
        let words = ["--debug", "--kernel", "/k", "-default_memory=64", "--template", "", "list"]
        let expected = "--legacy-call=runv '--debug' '--kernel' '/k' '-default_memory=64' '--template' ''"
        #expect(try reading(words) == .run(["--debug", expected, "list"]))
        #expect(try reading(words, isMoved: true) == .run(["--debug", expected, "list"]))
    }

    @Test("without them Kata's own configuration counts, and where there is none runV's defaults")
    func defaults() throws {
        #expect(try reading("--debug list", isMoved: true) == .run(["--debug", "list"]))
        #expect(try reading("--debug list") == .run(["--debug", "--legacy-call=runv", "list"]))
    }

    @Test("the call is read as runV read its own words")
    func callIsRead() throws {
        let words = ["--kernel", "/a 'b' $c\n\"d", "--driver=KVM", "--default_memory", "0x400", "--default_cpus=3", "state", "one"]
        guard case .run(let today) = try reading(words), let call = today.first else {
            Issue.record("it is not run")
            return
        }
        let source = SourceText(path: "call", text: String(call.dropFirst("--legacy-call=".count)))
        let found = try #require(Registry.recognise(source).first)
        #expect(found.dialect == RunV.id && found.confidence == .certain)
        let translation = RunV.dialect.translation(of: source, assets: .installed())
        let said = translation.provenance.filter { $0.file != nil }
        #expect(said.map(\.before) == [.string(words[1]), .string("KVM"), .integer(1024), .integer(3)])
        #expect(said.compactMap(\.after) == [.string("/usr/local/share/kata-swift/vmlinuz"), .string("kvm"), .integer(1024), .integer(3)])
        #expect(!translation.hasErrors)
    }

    @Test("runV's defaults are written out, the memory at what a guest boots in")
    func noFlags() throws {
        let translation = RunV.dialect.translation(of: SourceText(path: "call", text: "runv"), assets: .installed())
        let values = Dictionary(
            translation.provenance.compactMap { entry in entry.target.map { ($0.name, entry.after) } },
            uniquingKeysWith: { _, last in last })
        #expect(values["default_memory"] == .integer(GuestFloor.memoryMiB) && values["default_vcpus"] == .integer(1))
        #expect(!translation.hasErrors)
    }

    @Test(
        "what cannot be done is refused by its name, or answered",
        arguments: [
            ("interface add --name eth1 one", "interface: "), ("containerd --listen s", "containerd: "), ("shim --container one", "shim: "),
            ("proxy", "proxy: "), ("watcher", "watcher: "), ("network-nslisten", "network-nslisten: "), ("--id one start", "--id: "),
            ("containerd-nslistener", "containerd-nslistener: "), ("create --console /dev/pts/1 one", "--console: "),
        ])
    func refused(_ old: String, _ beginning: String) throws {
        guard case .refusal(let text) = try reading(old) else {
            Issue.record("\(old) is run")
            return
        }
        #expect(text.hasPrefix(beginning))
    }

    @Test("templates need no command any more")
    func templates() throws {
        for verb in ["create-template --cpu 1 --mem 128", "remove-template"] {
            guard case .answer(let text) = try reading("--template /t manage \(verb)") else {
                Issue.record("\(verb) is run")
                continue
            }
            #expect(text.hasPrefix("nothing to do"))
        }
    }
}
