// SPDX-License-Identifier: Apache-2.0

import Compat
import KataConfig
import SystemPackage
import Testing

@Suite("command lines of Clear Containers")
struct LegacyCommandLineTests {
    /// A command line, divided at blanks.
    private func reading(_ line: String, configuration: FilePath? = "/old.toml") throws -> LegacyCommandLine.Reading {
        let words = line.split(separator: " ").map(String.init)
        let command = try #require(LegacyCommandLine.named(words[0]))
        return command.reading(of: Array(words.dropFirst())) { _ in configuration }
    }

    private func expect(_ old: String, _ new: String) throws {
        #expect(try reading(old) == .run(new.split(separator: " ").map(String.init)), "\(old)")
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
                "--debug --root=create --config=/old.toml list --quiet --format=json"
            ),
            ("cc-runtime exec one cc-env --cc-all", "--config=/old.toml exec one cc-env --cc-all"),
            (
                "cc-runtime exec -t -e A=B -u 1:2 --process-label l --apparmor a --cap CAP_X --no-subreaper --detach=false one sh -c x",
                "--config=/old.toml exec --tty --env=A=B --user=1:2 --cap=CAP_X one sh -c x"
            ),
            ("cc-runtime run -d -b=/b one", "--config=/old.toml run --detach --bundle=/b one"),
            ("cc-runtime create --console= one", "--config=/old.toml create one"),
            ("cc-runtime kill one KILL -a", "--config=/old.toml kill --all one KILL"),
            ("cc-runtime delete --force one", "--config=/old.toml delete --force one"),
            ("cc-runtime ps -f json one aux", "--config=/old.toml ps --format=json one aux"),
            ("cc-runtime exec -- one -x", "--config=/old.toml exec -- one -x"),
            ("cc-runtime --bogus list", "--bogus --config=/old.toml list"),
            ("cc-runtime bogus -x", "--config=/old.toml bogus -x"),
            ("cc-runtime --log", "--log"), ("cc-runtime -v", "--version"), ("cc-runtime -h", "--help"), ("cc-runtime", ""),
        ])
    func ccRuntime(_ old: String, _ new: String) throws { try expect(old, new) }

    @Test(
        "cc-oci-runtime's words are said in today's, and what it ignored is left out",
        arguments: [
            (
                "cc-oci-runtime --global-log /g --hypervisor-log-dir /h --criu c --systemd-cgroup --shim-path s --proxy-socket-path=p -d list -a",
                "--debug --config=/old.toml list"
            ),
            (
                "cc-oci-runtime --log /l --log-format xml --root /r state one",
                "--log=/l --log-format=text --root=/r --config=/old.toml state one"
            ),
            ("cc-oci-runtime create --bundle /b --console= --no-pivot one", "--config=/old.toml create --bundle=/b --no-pivot one"),
            ("cc-oci-runtime create one /b", "--config=/old.toml create --bundle=/b one"),
            ("cc-oci-runtime create -b/b one", "--config=/old.toml create --bundle=/b one"),
            ("cc-oci-runtime run -d --no-subreaper --pid-file p one /b", "--config=/old.toml run --detach --pid-file=p --bundle=/b one"),
            ("cc-oci-runtime start -b /b one", "--config=/old.toml start one"),
            ("cc-oci-runtime stop one", "--config=/old.toml delete one"),
            ("cc-oci-runtime events --interval 5 --stats one", "--config=/old.toml events --interval=5s --stats one"),
            ("cc-oci-runtime exec -td -u 0 one ls -a", "--config=/old.toml exec --tty --detach --user=0 one ls -a"),
            ("cc-oci-runtime kill -a one 9", "--config=/old.toml kill --all one 9"),
            ("cc-oci-runtime -dv", "--debug --version"), ("cc-oci-runtime version", "--config=/old.toml version"),
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

    @Test("the old program's own configuration is asked for only when a command names none")
    func configuration() throws {
        var asked: [Dialect.ID] = []
        let command = try #require(LegacyCommandLine.named("cc-oci-runtime"))
        _ = command.reading(of: ["list"]) {
            asked.append($0.id)
            return nil
        }
        let other = try #require(LegacyCommandLine.named("cc-runtime"))
        _ = other.reading(of: ["--cc-config", "/c", "list"]) {
            asked.append($0.id)
            return nil
        }
        _ = other.reading(of: ["--version"]) {
            asked.append($0.id)
            return nil
        }
        #expect(asked == [ClearContainersV2.id])
        #expect(try reading("cc-runtime list", configuration: nil) == .run(["list"]))
        #expect(LegacyCommandLine.named("kata-runtime") == nil)
    }
}
