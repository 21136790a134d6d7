// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

/// How the kubelet is told which engine runs its pods: by flags in its unit, drop-ins and environment files, and by the KubeletConfiguration
/// that a flag names.
public enum Kubelet {
    /// The release without dockershim, and so without the flags of docker.
    public static let withoutDocker = Release(1, 24, 0)
    /// The release without `--container-runtime`: all engines are remote.
    public static let withoutRuntimeFlag = Release(1, 27, 0)
    /// The release whose KubeletConfiguration names the engine.
    public static let withEndpointMembers = Release(1, 27, 0)

    static let flags: Set<String> = [
        "container-runtime", "container-runtime-endpoint", "image-service-endpoint", "runtime-request-timeout", "cgroup-driver",
        "runtime-cgroups", "docker", "docker-endpoint", "docker-root", "docker-exec-handler", "docker-env-metadata-whitelist",
        "experimental-dockershim-root-directory", "pod-infra-container-image", "image-pull-progress-deadline", "feature-gates",
        "config", "config-dir", "network-plugin", "cni-bin-dir", "cni-conf-dir", "hairpin-mode", "non-masquerade-cidr",
    ]

    /// What concerns the engine, located; of what is said twice a flag counts more than any file, and else the last.
    ///
    /// - Parameters:
    ///   - units: `kubelet.service` and its drop-ins in the order in which systemd reads them.
    ///   - environment: `/var/lib/kubelet/kubeadm-flags.env`, `/etc/default/kubelet`, `/etc/sysconfig/kubelet`.
    ///   - configuration: the file of `--config`, then those of `--config-dir` in the order of their names.
    ///   - release: of the program, if it is known.
    public static func settings(
        units: [SourceText], environment: [SourceText] = [], configuration: [SourceText] = [], release: Release? = nil
    ) -> Parsed<EngineRegistrations> {
        let command = EngineCommandLine(of: ["kubelet"], units: units, environment: environment)
        var reading = KubeletReading(release: release, diagnostics: command.diagnostics)
        for word in command.unknownVariables {
            let message = "options may also come from \(word.text), which no file at hand sets"
            reading.report(.kubeletVariable, .note, message, word.range, word.file)
        }
        reading.read(command.words)
        for source in configuration { reading.read(source) }
        return reading.result
    }

    /// The variables of one file of assignments, for a file that is looked at alone.
    public static func settings(ofEnvironment source: SourceText) -> Parsed<EngineRegistrations> {
        var reading = KubeletReading(release: nil, diagnostics: [])
        reading.read(EnvironmentFile(source).assignments.flatMap(\.value.words).map { CommandWord($0) })
        return reading.result
    }

    /// The configuration that flags name, and the directory of files that are laid over it; none is read that no flag names.
    public static func configurationPlaces(_ settings: [EngineSetting]) -> (file: FilePath?, directory: FilePath?) {
        func path(_ flag: String) -> FilePath? {
            settings.last { $0.name == flag && !$0.value.isEmpty }.map { FilePath($0.value) }.flatMap { $0.isAbsolute ? $0 : nil }
        }
        return (path("--config"), path("--config-dir"))
    }
}

private struct KubeletReading {
    let release: Release?
    var diagnostics: [Diagnostic]
    private(set) var settings: [EngineSetting] = []

    init(release: Release?, diagnostics: [Diagnostic]) {
        self.release = release
        self.diagnostics = diagnostics
    }

    mutating func read(_ words: [CommandWord]) {
        let (flags, lacking) = words.flags(Kubelet.flags)
        for word in lacking { report(.badKubeletFlag, .error, "\(word.text) lacks its value", word.range, word.file) }
        for flag in flags {
            if let earlier = settings.firstIndex(where: { $0.name == "--\(flag.name)" }) {
                let old = settings.remove(at: earlier)
                let message = "\(old.name) has no effect here: '\(flag.file.string):\(flag.range.start.line)' gives it again"
                report(.kubeletFlagTwice, .note, message, old.range, old.file)
            }
            settings.append(flag.setting)
        }
    }

    /// A KubeletConfiguration, or a file that is laid over one.
    mutating func read(_ source: SourceText) {
        let parsed = YAMLStream.parseJSONOrYAML(source)
        diagnostics += parsed.diagnostics
        for document in parsed.partial?.documents ?? [] where Kubelet.isConfiguration(document) {
            for member in document.mapping ?? [] { read(member, in: source) }
        }
    }

    private mutating func read(_ member: YAMLMember, in source: SourceText) {
        guard let name = member.key.string, let flag = Kubelet.members[name], !member.value.isNull else { return }
        guard let text = name == "featureGates" ? member.value.gates : member.value.string else {
            let wanted = name == "featureGates" ? "a mapping of names to true or false" : "a string, not \(member.value.typeName)"
            let message = "\(name) must be \(wanted); the kubelet does not start"
            return report(.badKubeletMember, .error, message, member.value.range, source.path)
        }
        // As if it were not there: kubeadm writes out what nobody set.
        if text.isEmpty { return }
        let setting = EngineSetting(name: name, value: text, file: source.path, range: member.value.range, spelling: nil)
        // Gates are joined one by one.
        if name != "featureGates", let other = settings.firstIndex(where: { $0.name == flag || $0.name == name }) {
            let (loser, winner) = settings[other].name == flag ? (setting, settings[other]) : (settings[other], setting)
            let message = "\(name) has no effect here: \(winner.name) at '\(winner.file):\(winner.range.start.line)' counts"
            report(.kubeletMemberTwice, .note, message, loser.range, loser.file)
            settings[other] = winner
        } else {
            settings.append(setting)
        }
    }

    var result: Parsed<EngineRegistrations> {
        var reading = self
        for setting in settings { reading.judge(setting) }
        return Parsed(value: EngineRegistrations(settings: settings), diagnostics: reading.diagnostics)
    }

    private mutating func judge(_ setting: EngineSetting) {
        switch setting.name {
        case "--container-runtime" where setting.value == "docker" || setting.value == "rkt":
            let message = "the kubelet of 1.24 and later cannot run pods through \(setting.value)"
            report(.kubeletEngineGone, .warning, message, setting.range, setting.file)
        case _ where Kubelet.endpoints.contains(setting.name) && setting.value.contains("frakti"):
            let message = "frakti at '\(setting.value)' has no successor: the kubelet has to use containerd or CRI-O"
            report(.fraktiEndpoint, .warning, message, setting.range, setting.file)
        case "containerRuntimeEndpoint" where release.map { $0 < Kubelet.withEndpointMembers } ?? false,
            "imageServiceEndpoint" where release.map { $0 < Kubelet.withEndpointMembers } ?? false:
            let message = "the kubelet before 1.27 does not read \(setting.name), but its flag"
            report(.kubeletMemberNew, .warning, message, setting.range, setting.file)
        default: break
        }
        let isDocker = setting.name.hasPrefix("--docker") || setting.name.contains("dockershim")
        if isDocker, release.map({ $0 >= Kubelet.withoutDocker }) ?? true {
            let message = "\(setting.name) is gone since 1.24, and the kubelet does not start with a flag that it does not know"
            report(.kubeletFlagGone, .warning, message, setting.range, setting.file)
        } else if setting.name == "--container-runtime", release.map({ $0 >= Kubelet.withoutRuntimeFlag }) ?? false {
            let message = "--container-runtime is gone since 1.27, and the kubelet does not start with a flag that it does not know"
            report(.kubeletFlagGone, .warning, message, setting.range, setting.file)
        }
    }

    mutating func report(_ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: SourceRange, _ file: FilePath) {
        diagnostics.append(Diagnostic(severity: severity, code: code, message: message, path: file, range: range))
    }
}
