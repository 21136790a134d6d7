// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataSystem
internal import KataText
internal import SystemPackage

/// Whether an engine, asked itself, calls the new runtime by the names that it was told of.
///
/// The running daemon is asked first, by whatever program speaks to it. Some engines also say what they would start with, which is
/// something else: a daemon that was not restarted knows nothing of it. A program that is not installed cannot be asked, and that is said.
struct EngineVerification {
    let engine: Engine
    /// What the migration wrote into its files.
    let expected: [EngineRegistration]
    /// Whether the migration restarted it; else it did not run, or nobody knew.
    let wasRestarted: Bool
    /// Where it listens for a kubelet; nil for the usual address.
    var endpoint: String?
    let host: any Host

    func findings() -> [VerificationFinding] {
        if engine == .podman { return Set(expected.map(\.runtimeName)).sorted().map { ask(.podman($0)) } }
        if let stopped = stoppedFinding { return [stopped] + EngineQuestion.ofFiles(engine).map(ask) }
        var answers = EngineQuestion.ofDaemon(engine, at: endpoint).map(ask)
        // Of several programs that ask the same, one is enough.
        if let first = answers.first(where: { $0.verdict != .unknown }) ?? answers.first { answers = [first] }
        return answers + EngineQuestion.ofFiles(engine).map(ask)
    }

    /// Nil when it runs, or when that cannot be told.
    private var stoppedFinding: VerificationFinding? {
        let unit = "\(engine.rawValue).service"
        guard let answer = try? host.ask(["systemctl", "is-active", unit]), answer.status != 0 else { return nil }
        return VerificationFinding(
            what: "\(engine.rawValue) knows the new runtime", verdict: wasRestarted ? .failed : .unknown,
            detail: wasRestarted
                ? "\(unit) is \(answer.words): see 'journalctl -u \(unit)'"
                : "\(unit) is \(answer.words), and reads its files when it starts")
    }

    private func ask(_ question: EngineQuestion) -> VerificationFinding {
        func finding(_ verdict: VerificationFinding.Verdict, _ detail: String) -> VerificationFinding {
            VerificationFinding(what: "\(engine.rawValue) \(question.promise)", verdict: verdict, detail: detail)
        }
        let command = question.command.joined(separator: " ")
        do throws(SystemError) {
            if let probe = question.probe, try !host.ask(probe.command).said.contains(probe.word) {
                return finding(.unknown, "this \(probe.command[0]) has no '\(probe.word)' to ask it with")
            }
            let answer = try host.ask(question.command)
            guard answer.status == 0 else {
                if let silence = question.silence, answer.said.contains(silence.word) {
                    return finding(.unknown, "'\(command)': \(silence.meaning)")
                }
                return finding(.failed, "'\(command)' ends with status \(answer.status): \(answer.words)")
            }
            guard let known = question.reading(answer.output) else {
                return finding(.unknown, "the answer of '\(command)' cannot be read")
            }
            let (missing, names) = compare(with: known)
            guard missing.isEmpty else { return finding(.failed, "\(missing.joined(separator: ", ")) ('\(command)'); \(question.remedy)") }
            return names.isEmpty
                ? finding(.unknown, "'\(command)' does not tell of such runtimes")
                : finding(.passed, "by the name \(names.joined(separator: ", ")) ('\(command)')")
        } catch {
            return finding(
                .unknown,
                error.errno == .noSuchFileOrDirectory
                    ? "\(question.command[0]) is not installed to ask it with" : "'\(command)' cannot be run: \(error)")
        }
    }

    private func compare(with known: EngineQuestion.Answer) -> (missing: [String], names: [String]) {
        var (missing, names): ([String], [String]) = ([], [])
        for registration in expected where !known.isSilent(of: registration.runtimeName) {
            let (name, path) = (registration.runtimeName, registration.binaryPath)
            switch known.programs[name] {
            case path?: if !names.contains(name) { names.append(name) }
            case let other?: missing.append("it calls \(other) by the name \(name), not \(path)")
            case nil: missing.append("it does not know \(name)")
            }
        }
        return (missing, names)
    }
}

extension EngineVerification {
    /// - Parameter files: of the engine, as a migration wrote them.
    init?(
        _ engine: Engine, wrote files: [SourceText], by layout: TargetLayout, wasRestarted: Bool, at endpoint: String? = nil,
        on host: any Host
    ) {
        let written = files.flatMap { Engines.read($0)?.1.partial?.registrations ?? [] }
        let ours = written.filter {
            $0.engine == engine && ($0.binaryPath == layout.runtime || $0.binaryPath.starts(with: layout.legacyNames))
        }
        guard !ours.isEmpty else { return nil }
        self.init(engine: engine, expected: ours, wasRestarted: wasRestarted, endpoint: endpoint, host: host)
    }
}

/// What makes an engine say which runtimes it knows.
struct EngineQuestion {
    /// Programs by the names of runtimes.
    struct Answer {
        var programs: [String: FilePath] = [:]
        /// Whether it could not have said it.
        var isSilent: (String) -> Bool = { _ in false }

        func isSilent(of name: String) -> Bool { programs[name] == nil && isSilent(name) }
    }

    let command: [String]
    /// What is true of the engine then: "knows the new runtime".
    let promise: String
    let remedy: String
    /// A command whose answer has a word if this release can be asked.
    var probe: (command: [String], word: String)?
    /// What an engine that cannot be asked answers.
    var silence: (word: String, meaning: String)?
    /// Nil when the answer is none.
    let reading: ([UInt8]) -> Answer?

    /// Of what runs.
    ///
    /// - Parameter endpoint: where it listens for a kubelet; nil for the usual address.
    static func ofDaemon(_ engine: Engine, at endpoint: String? = nil) -> [EngineQuestion] {
        func question(
            _ command: [String], silence: (word: String, meaning: String)? = nil, _ reading: @escaping ([UInt8]) -> Answer?
        ) -> EngineQuestion {
            EngineQuestion(
                command: command, promise: "knows the new runtime", remedy: "restart \(engine.rawValue)", silence: silence,
                reading: reading)
        }
        return switch engine {
        case .docker: [question(["docker", "info", "--format", "{{json .Runtimes}}"], docker)]
        case .containerd:
            [
                question(
                    ["crictl", "--runtime-endpoint", endpoint ?? PodKeeper.containerd.usualEndpoint, "info"], silence: withoutCRI,
                    criPlugin)
            ]
        // The second is what the first became; both take a path.
        case .crio:
            [["crio-status"], ["crio", "status"]].map { program in
                question(program + (endpoint.map { ["--socket", $0.replacing("unix://", with: "")] } ?? []) + ["config"], crio)
            }
        // It calls no runtime itself.
        case .kubelet: []
        // It has no daemon, and is asked for one name at a time.
        case .podman: []
        }
    }

    /// The path that podman finds behind a name.
    static func podman(_ name: String) -> EngineQuestion {
        EngineQuestion(
            command: ["podman", "--runtime", name, "info", "--format", "{{.Host.OCIRuntime.Path}}"], promise: "calls the new runtime",
            remedy: "another file of podman's says something else",
            reading: { bytes in
                let path = FilePath(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
                return Answer(programs: [name: path], isSilent: { $0 != name })
            })
    }

    /// gRPC's status of a service that is not there.
    private static let withoutCRI = (
        word: "Unimplemented", meaning: "its CRI plugin is disabled (disabled_plugins), or speaks no version of the CRI that crictl does"
    )

    /// Of what it would start with.
    static func ofFiles(_ engine: Engine) -> [EngineQuestion] {
        func question(
            _ command: [String], probe: (command: [String], word: String)?, _ reading: @escaping ([UInt8]) -> Answer?
        ) -> EngineQuestion {
            EngineQuestion(
                command: command, promise: "starts with the new runtime", remedy: "something overrides what the migration wrote",
                probe: probe, reading: reading)
        }
        return switch engine {
        case .containerd: [question(["containerd", "config", "dump"], probe: EngineCheck.probe(of: engine), containerd)]
        case .crio: [question(["crio", "config"], probe: EngineCheck.probe(of: engine), crio)]
        case .docker, .kubelet, .podman: []
        }
    }

    private static func docker(_ bytes: [UInt8]) -> Answer? {
        guard let runtimes = JSONDocument.parse(SourceText(path: "docker", bytes: bytes)).value?.root.object else { return nil }
        var answer = Answer()
        for runtime in runtimes { answer.programs[runtime.key] = runtime.value["path"]?.string.flatMap(FilePath.init(named:)) }
        return answer
    }

    /// `crictl info` prints the configuration that the CRI plugin runs with; of `[plugins.linux]` it knows nothing.
    private static func criPlugin(_ bytes: [UInt8]) -> Answer? {
        let root = JSONDocument.parse(SourceText(path: "crictl", bytes: bytes)).value?.root
        guard let containerd = root?["config"]?["containerd"], containerd.object != nil else { return nil }
        func program(_ runtime: JSONValue?) -> FilePath? {
            [runtime?["options"]?["BinaryName"], runtime?["runtimeEngine"]].compactMap { $0?.string.flatMap(FilePath.init(named:)) }.first
        }
        var answer = Answer()
        answer.programs["untrusted"] = program(containerd["untrustedWorkloadRuntime"])
        answer.programs["default"] = program(containerd["defaultRuntime"])
        for runtime in containerd["runtimes"]?.object ?? [] { answer.programs[runtime.key] = program(runtime.value) }
        answer.isSilent = { $0 == "io.containerd.runtime.v1.linux" || $0 == "runtime" }
        return answer
    }

    private static func containerd(_ bytes: [UInt8]) -> Answer? {
        Answer(Containerd.registrations(root: SourceText(path: "containerd", bytes: bytes)))
    }

    /// CRI-O from 1.14 on prints nothing of the two programs that there were before runtimes had names.
    private static func crio(_ bytes: [UInt8]) -> Answer? {
        var answer = Answer(CRIO.registrations(main: SourceText(path: "crio", bytes: bytes)))
        answer?.isSilent = { $0 == "runtime" || $0 == "untrusted" }
        return answer
    }
}

extension FilePath {
    /// Nil for what names nothing, or holds a NUL, which no path does.
    fileprivate init?(named text: String) {
        guard !text.isEmpty, !text.utf8.contains(0) else { return nil }
        self.init(text)
    }
}

extension EngineQuestion.Answer {
    /// From what an engine prints in the form of its own configuration.
    fileprivate init?(_ printed: Parsed<EngineRegistrations>) {
        guard let registrations = printed.value?.registrations else { return nil }
        for registration in registrations { programs[registration.runtimeName] = registration.binaryPath }
    }
}
