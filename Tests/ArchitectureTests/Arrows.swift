// SPDX-License-Identifier: Apache-2.0

/// A target as Docs/Architecture.md draws it: its folder below Sources and what it may import.
struct Room: Sendable {
    let name: String
    let folder: String
    let imports: Set<String>

    init(_ name: String, _ folder: String, _ imports: Set<String>) {
        self.name = name
        self.folder = folder
        self.imports = imports
    }
}

/// What every room may import: the language's own modules, the C library, and the package that has paths and errno.
let common: Set<String> = ["Glibc", "SystemPackage", "Synchronization"]

private let text: Set<String> = ["KataSystem", "KataText"]
private let configuration: Set<String> = text.union(["KataConfig"])
private let wire: Set<String> = ["KataSystem", "KataOCI", "KataWire"]
private let nio: Set<String> = ["NIOCore", "NIOPosix"]
private let hypervisor: Set<String> = configuration.union(["KataHypervisor", "CLinux"])
private let sandbox: Set<String> = hypervisor.union(wire).union(["KataBundle", "KataGuestAssets", "KataSandbox"])
private let runtime: Set<String> = sandbox.union(["KataRuntime"])

/// The arrows: each room sees those below it and no other.
let rooms: [Room] = [
    Room("KataSystem", "KataRuntime/System", ["CLinux", "Dispatch"]),
    Room("KataText", "KataRuntime/Text", ["KataSystem", "CYAML"]),
    Room("KataOCI", "KataRuntime/OCI", ["KataSystem"]),
    // SwiftProtobuf's own byte buffers are FoundationEssentials' Data.
    Room("KataWire", "KataRuntime/Wire", nio.union(["KataSystem", "KataOCI", "SwiftProtobuf", "FoundationEssentials"])),
    Room("KataConfig", "KataRuntime/Config", text),
    Room("KataBundle", "KataRuntime/Bundle", text.union(["KataOCI"])),
    Room("KataHypervisor", "KataRuntime/Hypervisor", configuration.union(["CLinux"])),
    Room("KataGuestAssets", "KataRuntime/Guest", text),
    Room("KataSandbox", "KataRuntime/Sandbox", sandbox.subtracting(["KataSandbox"]).union(["NIOCore"])),
    // The guest links nothing that reads a host's files.
    Room("KataAgent", "KataRuntime/Agent", wire.union(["CLinux", "CSeccomp"])),
    Room(
        "KataRuntime", "KataRuntime/Runtime",
        sandbox.union(nio).union(["ArgumentParser"])),
    Room("kata-agent", "KataRuntime/Commands/kata-agent", ["KataAgent", "KataWire", "NIOPosix"]),
    Room("kata-runtime", "KataRuntime/Commands/kata-runtime", runtime.union(["ArgumentParser", "Compat", "CLinux"])),
    Room("Compat", "Compat", configuration),
    // Of the hypervisor only what makes a command line out of values.
    Room("Migrate", "Migrate", configuration.union(["Compat", "KataHypervisor"])),
    Room("kata-migrate", "Migrate/Command", configuration.union(["Compat", "Migrate", "ArgumentParser"])),
]

/// The room that a file is in: the one with the longest folder that holds it.
func room(of path: String) -> Room? {
    rooms.filter { path.hasPrefix("Sources/\($0.folder)/") }.max { $0.folder.count < $1.folder.count }
}
