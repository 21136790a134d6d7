// SPDX-License-Identifier: Apache-2.0
public import KataText
internal import SystemPackage

/// How the kubelet is told which engine runs its pods: by flags in its unit, drop-ins and environment files.
public enum Kubelet {
    /// The release without dockershim, and so without the flags of docker.
    public static let withoutDocker = Release(1, 24, 0)
    /// The release without `--container-runtime`: all engines are remote.
    public static let withoutRuntimeFlag = Release(1, 27, 0)

    static let flags: Set<String> = [
        "container-runtime", "container-runtime-endpoint", "image-service-endpoint", "runtime-request-timeout", "cgroup-driver",
        "runtime-cgroups", "docker", "docker-endpoint", "docker-root", "docker-exec-handler", "docker-env-metadata-whitelist",
        "experimental-dockershim-root-directory", "pod-infra-container-image", "image-pull-progress-deadline", "feature-gates",
        "config", "network-plugin", "cni-bin-dir", "cni-conf-dir", "hairpin-mode", "non-masquerade-cidr",
    ]

    /// The flags that concern the engine, located; of a flag that is given twice the last counts.
    ///
    /// - Parameters:
    ///   - units: `kubelet.service` and its drop-ins in the order in which systemd reads them.
    ///   - environment: `/var/lib/kubelet/kubeadm-flags.env`, `/etc/default/kubelet`, `/etc/sysconfig/kubelet`.
    ///   - release: of the program, if it is known.
    public static func settings(
        units: [SourceText], environment: [SourceText] = [], release: Release? = nil
    ) -> Parsed<EngineRegistrations> {
        let command = EngineCommandLine(of: ["kubelet"], units: units, environment: environment)
        var reading = KubeletReading(release: release, diagnostics: command.diagnostics)
        for word in command.unknownVariables {
            let message = "options may also come from \(word.text), which no file at hand sets"
            reading.report(.kubeletVariable, .note, message, word.range, word.file)
        }
        reading.read(command.words)
        return Parsed(value: EngineRegistrations(settings: reading.settings), diagnostics: reading.diagnostics)
    }

    /// The variables of one file of assignments, for a file that is looked at alone.
    public static func settings(ofEnvironment source: SourceText) -> Parsed<EngineRegistrations> {
        var reading = KubeletReading(release: nil, diagnostics: [])
        reading.read(EnvironmentFile(source).assignments.flatMap(\.value.words).map { CommandWord($0) })
        return Parsed(value: EngineRegistrations(settings: reading.settings), diagnostics: reading.diagnostics)
    }

    /// The edits after which the kubelet uses the engine at another socket: image service too, where that has one of its own.
    public static func edits(pointingAt endpoint: String, _ settings: [EngineSetting]) throws(EngineEditError) -> [TextEdit] {
        var edits: [TextEdit] = []
        for setting in settings where ["--container-runtime-endpoint", "--image-service-endpoint"].contains(setting.name) {
            guard setting.value != endpoint else { continue }
            edits.append(try setting.edit(changingValueTo: endpoint))
        }
        return edits
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
        for setting in settings { judge(setting) }
    }

    private mutating func judge(_ setting: EngineSetting) {
        switch setting.name {
        case "--container-runtime" where setting.value == "docker" || setting.value == "rkt":
            let message = "the kubelet of 1.24 and later cannot run pods through \(setting.value)"
            report(.kubeletEngineGone, .warning, message, setting.range, setting.file)
        case "--container-runtime-endpoint" where setting.value.contains("frakti"),
            "--image-service-endpoint" where setting.value.contains("frakti"):
            let message = "frakti at '\(setting.value)' has no successor: the kubelet has to use containerd or CRI-O"
            report(.fraktiEndpoint, .warning, message, setting.range, setting.file)
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
