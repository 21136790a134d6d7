// SPDX-License-Identifier: Apache-2.0
public import SystemPackage

/// Whose format a sandbox record has.
public enum RecordFormat: String, Sendable, Codable, CaseIterable {
    /// Clear Containers 3.0.
    case virtcontainers
    /// Kata, of every release.
    case kata
    /// Clear Containers 2.
    case ccOCIRuntime = "cc-oci-runtime"
    /// runV.
    case runV = "runv"
    /// hyperd.
    case hyperd
    /// frakti.
    case frakti

    /// Reads all sandboxes that a tree holds in this format; what is missing, damaged or hostile is reported and never stops it.
    public func read(from tree: some LegacyTree) -> SandboxRecords {
        switch self {
        case .virtcontainers: Virtcontainers.read(from: tree)
        case .kata: KataRecords.read(from: tree)
        case .ccOCIRuntime: CCOCIRuntime.read(from: tree)
        case .runV: RunVRecords.read(from: tree)
        case .hyperd: HyperdRecords.read(from: tree)
        case .frakti: FraktiRecords.read(from: tree)
        }
    }
}

/// The name of a legacy sandbox.
public struct LegacySandboxID: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// As the directory is named.
    public let rawValue: String

    /// A name that was read.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The name.
    public var description: String { rawValue }

    /// Order of the text.
    public static func < (a: LegacySandboxID, b: LegacySandboxID) -> Bool { a.rawValue < b.rawValue }
}

/// The name of a legacy container.
public struct LegacyContainerID: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// As the directory is named.
    public let rawValue: String

    /// A name that was read.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The name.
    public var description: String { rawValue }

    /// Order of the text.
    public static func < (a: LegacyContainerID, b: LegacyContainerID) -> Bool { a.rawValue < b.rawValue }
}

/// What a legacy record says of a sandbox. It is hostile input: nothing of it has been held against the host.
public struct LegacySandbox: Sendable {
    /// The format it was read from.
    public let format: RecordFormat
    /// Its name.
    public let id: LegacySandboxID
    /// The releases that write such a record.
    public let releases: ClosedRange<Release>
    /// What was last written of it.
    public let state: LegacyState
    /// The host name in the guest; empty where the record does not have it.
    public let hostname: String
    /// The VM it ran in.
    public let hypervisor: LegacyHypervisor
    /// Its containers, in the order of the record.
    public var containers: [LegacyContainer]
    /// Its network, when one was recorded.
    public let network: LegacyNetwork?
    /// Programs that the engine wanted run around the start.
    public let hooks: [LegacyHook]
    /// What the engine and the runtime attached, but for the specification, which the containers have.
    public let annotations: [String: String]
    /// Pids that were written down; they may by now be anyone's.
    public let processes: [RecordedProcess]
    /// The address of the proxy that held the connection to the guest; it spoke for one sandbox from 3.0.10 on, for all before.
    public let proxyURL: String?
    /// Sockets that were found beside the record.
    public let sockets: [FilePath]
    /// Every file that the record consists of.
    public let files: [FilePath]
    /// The bundle of the sandbox itself.
    public let bundle: FilePath?
    /// Who made it, as far as its annotations tell.
    public let owner: LegacyOwner
}

/// The last state that was written down.
public enum LegacyState: Sendable, Hashable {
    case ready
    case running
    case paused
    case stopped
    /// The first process of a container has ended, with this status as a shell counts it.
    case ended(status: Int32)
    /// The part of the record that a reboot erases is gone.
    case lost
    /// The record holds another word, or none.
    case unclear(String)
}

/// Who asked for a sandbox.
public enum LegacyOwner: String, Sendable, Codable {
    case docker
    case crio
    case containerd
    case dockershim
    case podman
    /// hyperd, which took pods over its own socket.
    case hyperd
    case frakti
    /// Nothing in the record points to an engine.
    case unknown
}

extension LegacyOwner {
    /// The engine that keeps its bundles where this one is; nil where none does.
    init?(bundle: FilePath) {
        func isBelow(_ directory: String) -> Bool { bundle.starts(with: FilePath(directory)) }
        if ["/run/docker", "/var/run/docker", "/var/lib/docker"].contains(where: isBelow) {
            self = .docker
        } else if isBelow("/run/containerd") || isBelow("/var/run/containerd") {
            self = bundle.components.contains { $0.string == "moby" } ? .docker : .containerd
        } else if isBelow("/run/containers/storage") || isBelow("/var/run/containers/storage"), bundle.lastComponent == "userdata" {
            self = .crio
        } else if isBelow("/var/lib/containers/storage"), bundle.lastComponent == "userdata" {
            // podman's lie with the container, CRI-O's with what a reboot erases.
            self = .podman
        } else {
            return nil
        }
    }
}

/// The VM of a sandbox as it was configured.
public struct LegacyHypervisor: Sendable, Equatable {
    /// `qemu`, as recorded.
    public let type: String
    /// The program.
    public let path: FilePath?
    /// The guest kernel.
    public let kernel: FilePath?
    /// The guest's root image.
    public let image: FilePath?
    /// The guest's initrd.
    public let initrd: FilePath?
    /// The machine type.
    public let machineType: String
    /// Virtual CPUs at boot.
    public let vcpus: Int64
    /// Memory at boot.
    public let memoryMiB: Int64
    /// All parameters of the guest kernel, those of the runtime first.
    public let kernelParameters: [String]
    /// The UUID that names its sockets.
    public let uuid: String?
}

/// A pid from a file. It must not be signalled before start time and command line have been compared.
public struct RecordedProcess: Sendable, Hashable {
    /// What it was.
    public enum Role: String, Sendable, Codable {
        case shim
        case proxy
        case hypervisor
        case virtiofsd
        /// Holds a network namespace, and nothing else.
        case namespace
    }

    /// What it was.
    public let role: Role
    /// The number; positive.
    public let pid: Int32
    /// The wall-clock time that was noted with it, as written.
    public let noted: String?
    /// The container whose process it stood for.
    public let container: LegacyContainerID?
    /// The file that says so.
    public let file: FilePath
}

/// A program of the engine that was to run at a point of the sandbox's life.
public struct LegacyHook: Sendable, Hashable {
    /// The point, in the words of the runtime specification.
    public enum Point: String, Sendable, Codable {
        case prestart
        case poststart
        case poststop
    }

    /// When.
    public let point: Point
    /// The program.
    public let path: FilePath
    /// With argument 0.
    public let arguments: [String]
}
