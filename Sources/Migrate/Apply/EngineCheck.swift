// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataSystem
internal import SystemPackage

/// How an engine is asked whether it would start with a configuration, without starting.
struct EngineCheck {
    let engine: Engine

    enum Verdict: Equatable {
        case accepted
        /// In the engine's own words.
        case refused(String)
        /// Why the engine's answer would say nothing, or why there is none.
        case unknown(String)
    }

    /// The file that it takes on its command line, where it usually is; its drop-ins and units are read with it or not at all.
    static func file(of engine: Engine) -> FilePath? {
        switch engine {
        case .docker: DockerHost.usualConfiguration
        case .containerd: "/etc/containerd/config.toml"
        case .crio: "/etc/crio/crio.conf"
        case .kubelet, .podman: nil
        }
    }

    /// - Parameters:
    ///   - fresh: the new content, anywhere.
    ///   - present: the file that it is to replace.
    func verdict(on host: any Host, fresh: FilePath, present: FilePath) -> Verdict {
        guard let asked = command(about: fresh), let askedBefore = command(about: present) else {
            return .unknown("\(engine.rawValue) cannot check it")
        }
        do throws(SystemError) {
            if let probe = Self.probe(of: engine), try !host.ask(probe.command).said.contains(probe.word) {
                return .unknown("this \(asked[0]) has no '\(probe.word)' to check it with")
            }
            let answer = try host.ask(asked)
            if answer.status == 0 { return .accepted }
            // A part of what it needs may be on the command line of its unit, which is not given to it here.
            guard try host.ask(askedBefore).status == 0 else {
                return .unknown("\(asked[0]) does not accept the present one by itself either: \(answer.words)")
            }
            return .refused(answer.words)
        } catch {
            return .unknown("\(asked[0]) cannot be asked: \(error)")
        }
    }

    private func command(about file: FilePath) -> [String]? {
        switch engine {
        case .docker: ["dockerd", "--validate", "--config-file", file.string]
        case .containerd: ["containerd", "--config", file.string, "config", "dump"]
        case .crio: ["crio", "--config", file.string, "config"]
        case .kubelet, .podman: nil
        }
    }

    /// What tells whether this release can do it: dockerd from 23.0, containerd from 1.3.
    static func probe(of engine: Engine) -> (command: [String], word: String)? {
        switch engine {
        case .docker: (["dockerd", "--help"], "--validate")
        case .containerd: (["containerd", "config", "--help"], "dump")
        case .crio, .kubelet, .podman: nil
        }
    }
}
