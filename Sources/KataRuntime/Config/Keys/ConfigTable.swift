// SPDX-License-Identifier: Apache-2.0

/// A table of the unified file whose keys this runtime knows.
public enum ConfigTable: String, Sendable, Hashable, CaseIterable {
    case hypervisor = "hypervisor.qemu"
    case agent = "agent.kata"
    case runtime = "runtime"
    case factory = "factory"

    /// The path of table names from the root of the document.
    public var path: [String] {
        switch self {
        case .hypervisor: ["hypervisor", "qemu"]
        case .agent: ["agent", "kata"]
        case .runtime: ["runtime"]
        case .factory: ["factory"]
        }
    }

    /// Every key of the table, in the order in which `show` prints them.
    public var keys: [ConfigKey] {
        switch self {
        case .hypervisor: HypervisorKeys.all
        case .agent: AgentKeys.all
        case .runtime: RuntimeKeys.all
        case .factory: FactoryKeys.all
        }
    }

    /// The key of that exact name.
    public func key(named name: String) -> ConfigKey? { ConfigKey.index[self]?[name] }
}

/// A hypervisor that Kata can be configured for and this runtime does not run.
public enum ForeignHypervisor: String, Sendable, Hashable, CaseIterable {
    case cloudHypervisor = "clh"
    case firecracker
    case dragonball
    case stratovirt
    case remote
    case acrn
    case openvmm

    /// As people call it.
    public var title: String {
        switch self {
        case .cloudHypervisor: "Cloud Hypervisor"
        case .firecracker: "Firecracker"
        case .dragonball: "Dragonball"
        case .stratovirt: "StratoVirt"
        case .remote: "the remote hypervisor"
        case .acrn: "ACRN"
        case .openvmm: "OpenVMM"
        }
    }
}

/// A table that older Kata releases read and no release that this file format follows still does.
public struct RetiredTable: Sendable, Hashable {
    /// The name at the root of the document.
    public let name: String
    /// The last Kata release that read it.
    public let lastRelease: String
    /// Why nothing takes its place.
    public let reason: String

    /// All of them.
    public static let all: [RetiredTable] = [
        RetiredTable(name: "proxy", lastRelease: "1.12.1", reason: "the runtime talks to the agent without a proxy"),
        RetiredTable(name: "shim", lastRelease: "1.12.1", reason: "the runtime brings its own shim"),
        RetiredTable(name: "netmon", lastRelease: "2.3.0", reason: "no process watches the network namespace"),
        RetiredTable(name: "image", lastRelease: "3.3.0", reason: "images are pulled by the engine"),
    ]
}
