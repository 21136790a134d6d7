// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// What `.ci/manual` makes of the command's own description: completions of the shells, and man pages.
@Suite struct ShellFileTests {
    private static let runtime = TestMachine.debugBinaries.appending("kata-runtime")

    /// Runs `body` with the completions for a shell in a file.
    private func withCompletions(_ shell: String, _ body: (FilePath) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let script = try await runProgram(Self.runtime, ["--generate-completion-script", shell])
            #expect(script.status == .exited(0) && script.output.count > 1000)
            let file = directory.appending("kata-runtime.\(shell)")
            try AtomicFile.write(script.output, to: file)
            try await body(file)
        }
    }

    private func load(_ shell: String, _ file: FilePath) async throws {
        let read = try await runProgram(try #require(findProgram(shell)), ["-n", file.string])
        #expect(read.status == .exited(0) && read.errors.isEmpty, "\(read.errorText)")
    }

    @Test(
        .needs(.program("bash")),
        arguments: [
            (["che"], "checkpoint check"), (["upd"], "update"), (["update", "--cpu-q"], "--cpu-quota"),
            (["exec", "--ig"], "--ignore-paused"),
            (["--log-format", "j"], "json"),
        ])
    func bashCompletes(words: [String], expected: String) async throws {
        try await withCompletions("bash") { file in
            try await load("bash", file)
            // As readline calls the function that `complete` has named.
            let script = """
                source "$1"; shift
                entry=$(complete -p kata-runtime) || exit 1
                [[ $entry =~ -F\\ ([^ ]+) ]] || exit 2
                COMP_WORDS=(kata-runtime "$@"); COMP_CWORD=$#; COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
                "${BASH_REMATCH[1]}" kata-runtime "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                echo "${COMPREPLY[@]}"
                """
            let answer = try await runProgram(
                try #require(findProgram("bash")), ["--norc", "-c", script, "bash", file.string] + words)
            #expect(answer.status == .exited(0) && answer.text == expected + "\n", "\(answer.text)\(answer.errorText)")
        }
    }

    @Test(.needs(.program("zsh"))) func zshReadsItsCompletions() async throws {
        try await withCompletions("zsh") { file in
            try await load("zsh", file)
            #expect(String(decoding: try FileSystem.read(file), as: UTF8.self).hasPrefix("#compdef kata-runtime"))
        }
    }

    @Test(.needs(.program("fish"))) func fishCompletes() async throws {
        try await withCompletions("fish") { file in
            try await load("fish", file)
            let answer = try await runProgram(
                try #require(findProgram("fish")), ["--no-config", "-c", "source \(file); complete -C 'kata-runtime che'"])
            #expect(answer.text.contains("check\t") && answer.text.contains("checkpoint\t"), "\(answer.text)\(answer.errorText)")
        }
    }

    @Test(.needs(.program("man"), .program("swiftc"))) func manReadsEachPage() async throws {
        try await withTemporaryDirectory { directory in
            let maker = directory.appending("manual")
            let source = Repository.root.appending(".ci").appending("manual.swift")
            let made = try await runProgram(try #require(findProgram("swiftc")), ["-o", maker.string, source.string])
            #expect(made.status == .exited(0), "\(made.errorText)")
            let dump = try await runProgram(Self.runtime, ["--experimental-dump-help"])
            #expect(dump.status == .exited(0), "\(dump.errorText)")
            let pages = directory.appending("pages")
            try FileSystem.makeDirectory(pages)
            #expect(try await runProgram(maker, [pages.string], input: dump.output).status == .exited(0))
            let names = try FileSystem.list(pages)
            #expect(names.contains("kata-runtime.8") && names.contains("kata-runtime-update.8") && names.count > 25, "\(names)")
            for name in names {
                let shown = try await runProgram(
                    try #require(findProgram("man")), ["--warnings", "-E", "UTF-8", "-l", pages.appending(name).string])
                #expect(shown.status == .exited(0) && shown.errors.isEmpty, "\(name): \(shown.errorText)")
                #expect(shown.text.contains("NAME") && shown.text.contains("SYNOPSIS") && shown.text.contains("OPTIONS"), "\(name)")
            }
        }
    }
}
