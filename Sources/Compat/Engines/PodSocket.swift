// SPDX-License-Identifier: Apache-2.0
public import KataText
public import SystemPackage

extension Engine {
    /// Where it listens for a kubelet; nil when it does not listen for one.
    ///
    /// - Parameters:
    ///   - sources: its configuration files in the order in which they count.
    ///   - settings: what its command line says.
    public func podSocket(in sources: [SourceText], _ settings: [EngineSetting] = []) -> FilePath? {
        let roots = sources.compactMap { TOMLDocument.parse($0, as: TOMLGrammar.ofEngines).partial?.root }
        func last(_ path: [String]) -> FilePath? {
            roots.compactMap { $0.value(at: path)?.path }.last { $0.isAbsolute }
        }
        switch self {
        case .crio:
            let flag = settings.last { $0.name == "--listen" }.map { FilePath($0.value) }.flatMap { $0.isAbsolute ? $0 : nil }
            return flag ?? last(["crio", "api", "listen"]) ?? last(["crio", "listen"]) ?? "/var/run/crio/crio.sock"
        case .containerd:
            // As docker's package has it, by each of the plugin's names.
            let disabled = roots.flatMap { $0["disabled_plugins"]?.array ?? [] }.compactMap(\.string)
            let names: Set = ["cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime"]
            return names.isDisjoint(with: disabled) ? last(["grpc", "address"]) ?? "/run/containerd/containerd.sock" : nil
        case .docker, .kubelet, .podman: return nil
        }
    }
}
