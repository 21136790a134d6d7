// SPDX-License-Identifier: Apache-2.0

internal import KataConfig
internal import KataHypervisor
internal import KataText
internal import SystemPackage

/// What containers would run with: the tables and keys that `kata-env` of Kata 1.12 has, and a few more.
///
/// Programs that Kata has had and this runtime has not (proxy, shim, netmon) are there with their names and nothing in them, so that
/// scripts which read them find what they look for.
struct EnvReport {
    /// What a machine is asked about itself.
    struct Host {
        let kernel: String
        let architecture: String
        let distribution: (name: String, version: String)
        let processor: (vendor: String, model: String)
        let accelerator: Accelerator
        let hasVsock: Bool
    }

    /// Of Kata 1.12.
    private static let formatVersion = "1.0.24"

    /// What every disk is attached as; `block_device_driver` chooses nothing.
    private static let blockDevice = "virtio-blk"

    let table: TOMLEmission.Table

    init(_ resolved: ResolvedConfiguration, file: FilePath, program: FilePath, hypervisorVersion: String, host: Host) {
        let values = Dictionary(resolved.values.map { ($0.key, $0.value) }) { first, _ in first }
        func value(_ table: ConfigTable, _ name: String) -> TOMLEmission.Value {
            let key = table.key(named: name)
            switch key.flatMap({ values[$0] ?? nil }) ?? key?.defaultValue {
            case .boolean(let flag): return .boolean(flag)
            case .string(let text): return .string(text)
            case .integer(let number): return .integer(number)
            case .number(let number): return .float(number)
            case .strings(let list): return .array(list.map { .string($0) })
            case .tables, nil: return .string("")
            }
        }
        func hypervisor(_ name: String) -> TOMLEmission.Value { value(.hypervisor, name) }
        func runtime(_ name: String) -> TOMLEmission.Value { value(.runtime, name) }
        let version = RuntimeVersion.number.split(separator: ".").map { Int64($0) ?? 0 } + [0, 0, 0]
        let machine = resolved.configuration.hypervisor
        table = Self.tree([
            ("Meta", [("Version", .string(Self.formatVersion))]),
            (
                "Runtime",
                [
                    ("Debug", runtime("enable_debug")), ("Trace", runtime("enable_tracing")),
                    ("DisableGuestSeccomp", runtime("disable_guest_seccomp")), ("DisableNewNetNs", runtime("disable_new_netns")),
                    ("SandboxCgroupOnly", runtime("sandbox_cgroup_only")), ("Experimental", runtime("experimental")),
                    ("Path", .string(program.string)),
                    (
                        "Version",
                        .table(
                            Self.pairs([
                                ("OCI", .string(RuntimeVersion.specification)),
                                (
                                    "Version",
                                    .table(
                                        Self.pairs([
                                            ("Semver", .string(RuntimeVersion.number)), ("Major", .integer(version[0])),
                                            ("Minor", .integer(version[1])), ("Patch", .integer(version[2])), ("Commit", .string("")),
                                        ]))
                                ),
                            ]))
                    ),
                    ("Config", .table(Self.pairs([("Path", .string(file.string))]))),
                ]
            ),
            (
                "Hypervisor",
                [
                    ("MachineType", .string(machine.machineType.rawValue)), ("Version", .string(hypervisorVersion)),
                    ("Path", .string(machine.path.string)), ("BlockDeviceDriver", .string(Self.blockDevice)),
                    ("EntropySource", .string(machine.entropySource.string)), ("SharedFS", hypervisor("shared_fs")),
                    ("VirtioFSDaemon", hypervisor("virtio_fs_daemon")), ("Msize9p", hypervisor("msize_9p")),
                    ("MemorySlots", .integer(Int64(machine.memorySlots))), ("PCIeRootPort", .integer(Int64(machine.pcieRootPorts))),
                    ("HotplugVFIOOnRootBus", .boolean(false)), ("Debug", .boolean(machine.debug)), ("UseVSock", .boolean(host.hasVsock)),
                    ("Accelerator", .string(host.accelerator.rawValue)), ("MemoryMiB", .integer(Int64(machine.memoryMiB))),
                ]
            ),
            ("Image", [("Path", .string(""))]),
            (
                "Kernel",
                [("Path", .string(machine.kernel.string)), ("Parameters", .string(machine.kernelParameters.joined(separator: " ")))]
            ),
            ("Initrd", [("Path", .string(machine.initrd.string))]),
            ("Proxy", Self.absent("noProxy")), ("Shim", Self.absent("kataBuiltInShim")),
            (
                "Agent",
                [
                    ("Type", .string("kata")), ("Debug", value(.agent, "enable_debug")), ("Trace", value(.agent, "enable_tracing")),
                    ("TraceMode", .string("")), ("TraceType", .string("")),
                ]
            ),
            (
                "Host",
                [
                    ("Kernel", .string(host.kernel)), ("Architecture", .string(host.architecture)),
                    (
                        "Distro",
                        .table(
                            Self.pairs([("Name", .string(host.distribution.name)), ("Version", .string(host.distribution.version))]))
                    ),
                    (
                        "CPU",
                        .table(Self.pairs([("Vendor", .string(host.processor.vendor)), ("Model", .string(host.processor.model))]))
                    ),
                    // Without a sound KVM machines are emulated, which Kata would not do.
                    ("VMContainerCapable", .boolean(host.accelerator == .kvm)), ("SupportVSocks", .boolean(host.hasVsock)),
                ]
            ),
            ("Netmon", [("Version", .string("")), ("Path", .string("")), ("Debug", .boolean(false)), ("Enable", .boolean(false))]),
        ])
    }

    private static func absent(_ type: String) -> [(String, TOMLEmission.Value)] {
        [("Type", .string(type)), ("Version", .string("")), ("Path", .string("")), ("Debug", .boolean(false))]
    }

    private static func pairs(_ pairs: [(String, TOMLEmission.Value)]) -> TOMLEmission.Table {
        TOMLEmission.Table(pairs.map { TOMLEmission.Entry($0.0, $0.1) })
    }

    private static func tree(_ tables: [(String, [(String, TOMLEmission.Value)])]) -> TOMLEmission.Table {
        pairs(tables.map { ($0.0, .table(pairs($0.1))) })
    }

    /// As `kata-env` prints it.
    var toml: [UInt8] { TOMLEmission(root: table).rendered }

    /// As `kata-env --json` prints it.
    func json() throws -> [UInt8] { try encodeJSON(JSONTable(table: table), pretty: true) }
}

/// Strings, numbers, flags and lists of them, as objects.
private struct JSONTable: Encodable {
    let table: TOMLEmission.Table

    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for entry in table.entries {
            let name = Name(stringValue: entry.key)
            switch entry.value {
            case .string(let text): try container.encode(text, forKey: name)
            case .integer(let number): try container.encode(number, forKey: name)
            case .float(let number): try container.encode(number, forKey: name)
            case .boolean(let flag): try container.encode(flag, forKey: name)
            case .array(let list):
                let texts = list.compactMap { value -> String? in if case .string(let text) = value { text } else { nil } }
                try container.encode(texts, forKey: name)
            case .table(let table), .inline(let table): try container.encode(JSONTable(table: table), forKey: name)
            case .tables, .offsetDateTime, .localDateTime, .localDate, .localTime:
                preconditionFailure("a report holds no dates and no lists of tables")
            }
        }
    }
}
