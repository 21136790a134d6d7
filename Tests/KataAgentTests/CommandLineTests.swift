// SPDX-License-Identifier: Apache-2.0

internal import KataAgent
internal import Testing

@Suite struct KernelCommandLineTests {
    @Test("the last value of a parameter wins, and a bare flag has none")
    func lastValueWins() {
        let line = KernelCommandLine(parsing: "quiet agent.log=debug panic=-1 agent.log=error\n")
        #expect(line["agent.log"] == "error")
        #expect(line["quiet"] == nil)
        #expect(line.parameters.map(\.name) == ["quiet", "agent.log", "panic", "agent.log"])
        #expect(line.logLevel == .error)
    }

    @Test("double quotes keep blanks in a value")
    func quotes() {
        let line = KernelCommandLine(parsing: #"a="b c" "d=e f" g="#)
        #expect(line["a"] == "b c")
        #expect(line["d"] == "e f")
        #expect(line["g"] == "")
    }

    @Test("what follows -- belongs to init's arguments, not to the parameters")
    func separator() {
        #expect(KernelCommandLine(parsing: "a=1 -- a=2")["a"] == "1")
    }

    @Test("an unknown log level leaves info", arguments: [("agent.log=loud", LogLevel.info), ("", .info), ("agent.log=warn", .warning)])
    func logLevels(text: String, level: LogLevel) {
        #expect(KernelCommandLine(parsing: text).logLevel == level)
    }
}

@Suite struct ConsoleLogTests {
    @Test("a console line is one JSON object whatever its fields hold")
    func escaping() {
        let line = ConsoleLog.line(
            .warning, "odd", ["text": .text("a\"b\\c\nd\u{1}é"), "count": 7], bootTime: 42)
        #expect(line == #"{"level":"warn","boottime_ns":42,"message":"odd","text":"a\"b\\c\nd\u0001é","count":7}"#)
    }
}
