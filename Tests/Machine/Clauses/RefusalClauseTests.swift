// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// A clause that asks for an error, or that a virtual machine cannot fulfil (runtime.md, Create: what cannot be applied MUST be an error).
struct RefusalClause: Sendable, CustomTestStringConvertible {
    let place: String
    let words: String
    /// The member of config.json: names, and numbers of elements.
    let path: [String]
    /// As JSON; empty takes the member away.
    let value: String
    let says: String

    init(_ place: String, _ words: String, _ path: String, _ value: String, says: String) {
        self.place = place
        self.words = words
        self.path = path.split(separator: ".").map(String.init)
        self.value = value
        self.says = says
    }

    var testDescription: String { "\(place): \(words)" }

    func apply(to document: [String: Any]) throws -> [String: Any] {
        let new = value.isEmpty ? nil : try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
        func set(_ object: Any?, _ rest: ArraySlice<String>) -> Any? {
            guard let name = rest.first else { return new }
            var members = object as? [String: Any] ?? [:]
            members[name] = set(members[name], rest.dropFirst())
            return members
        }
        return try #require(set(document, path[...]) as? [String: Any])
    }
}

extension MachineTests {
    @Suite struct RefusalClauseTests {
        static let clauses = [
            RefusalClause(
                "config.md, Specification version", "ociVersion MUST be of SemVer's form", "ociVersion", #""1.2""#, says: "'1.2'"),
            RefusalClause("config.md, Root", "a directory MUST exist at path", "root.path", #""nowhere""#, says: "nowhere' of"),
            RefusalClause("config.md, Root", "root is REQUIRED", "root", "", says: "has no root.path"),
            RefusalClause(
                "config.md, Mounts", "an id-mapped mount MUST be mapped or refused", "mounts",
                #"[{"destination":"/m","source":"/etc","options":["bind"],"uidMappings":[{"containerID":0,"hostID":1,"size":1}],"gidMappings":[{"containerID":0,"hostID":1,"size":1}]}]"#,
                says: "no id-mapped mounts"),
            RefusalClause(
                "config.md, Process", "cwd MUST be an absolute path", "process.cwd", #""tmp""#, says: "'tmp' is not an absolute path"),
            RefusalClause("config.md, Process", "args MUST have an entry", "process.args", "[]", says: "has no process.args"),
            RefusalClause("runtime.md, Start", "an error without a process", "process", "", says: "has no process"),
            RefusalClause(
                "config.md, POSIX process", "rlimits that cannot be mapped MUST be an error", "process.rlimits",
                #"[{"type":"RLIMIT_NOTHING","soft":1,"hard":1}]"#, says: "'RLIMIT_NOTHING'"),
            RefusalClause(
                "config.md, POSIX process", "rlimits of one type twice MUST be an error", "process.rlimits",
                #"[{"type":"RLIMIT_CPU","soft":1,"hard":1},{"type":"RLIMIT_CPU","soft":1,"hard":1}]"#, says: "is there twice"),
            RefusalClause(
                "config.md, Hooks", "path MUST be absolute", "hooks", #"{"createRuntime":[{"path":"true"}]}"#,
                says: "'true' is not an absolute path"),
            RefusalClause(
                "config.md, Hooks", "timeout MUST be greater than zero", "hooks", #"{"poststop":[{"path":"/bin/true","timeout":0}]}"#,
                says: "0 is not above zero"),
            RefusalClause("config.md, Annotations", "keys MUST NOT be empty", "annotations", #"{"":"value"}"#, says: "a key is empty"),
            RefusalClause("config.md, Annotations", "values MUST be strings", "annotations", #"{"key":1}"#, says: "config.json:1:"),
            RefusalClause("config.md, Valid values", "invalid values MUST be an error", "process.oomScoreAdj", "5000", says: "5000"),
            RefusalClause(
                "config-linux.md, Namespaces", "path MUST be absolute", "linux.namespaces",
                #"[{"type":"pid"},{"type":"ipc"},{"type":"uts"},{"type":"network","path":"net"}]"#, says: "'net' is not an absolute path"),
            RefusalClause(
                "config-linux.md, Namespaces", "a path of another type MUST be an error", "linux.namespaces",
                #"[{"type":"pid"},{"type":"ipc"},{"type":"uts"},{"type":"network","path":"/proc/self/ns/ipc"}]"#,
                says: "it is a ipc namespace"),
            RefusalClause(
                "config-linux.md, Namespaces", "a type twice MUST be an error", "linux.namespaces", #"[{"type":"pid"},{"type":"pid"}]"#,
                says: "'pid' is there twice"),
            RefusalClause(
                "config-linux.md, Namespaces", "the runtime's own MUST be inherited, which no machine can: pid", "linux.namespaces",
                #"[{"type":"network"},{"type":"ipc"},{"type":"uts"}]"#, says: "share the host's process ids"),
            RefusalClause(
                "config-linux.md, Namespaces", "the runtime's own MUST be inherited, which no machine can: network", "linux.namespaces",
                #"[{"type":"pid"},{"type":"ipc"},{"type":"uts"}]"#, says: "share the host's network"),
            RefusalClause(
                "config-linux.md, Namespaces", "the runtime's own MUST be inherited, which no machine can: ipc", "linux.namespaces",
                #"[{"type":"pid"},{"type":"network"},{"type":"uts"}]"#, says: "share the host's System V IPC objects"),
            RefusalClause(
                "config-linux.md, Namespaces", "the runtime's own MUST be inherited, which no machine can: uts", "linux.namespaces",
                #"[{"type":"pid"},{"type":"network"},{"type":"ipc"}]"#, says: "share the host's host name"),
            RefusalClause(
                "config-linux.md, Namespaces", "one by path MUST be joined, which no machine can: ipc", "linux.namespaces",
                #"[{"type":"pid"},{"type":"network"},{"type":"uts"},{"type":"ipc","path":"/proc/1/ns/ipc"}]"#,
                says: "join ipc namespace '/proc/1/ns/ipc'"),
            RefusalClause(
                "config-linux.md, Namespaces", "one by path MUST be joined, which no machine can: cgroup", "linux.namespaces",
                #"[{"type":"pid"},{"type":"network"},{"type":"uts"},{"type":"ipc"},{"type":"cgroup","path":"/proc/1/ns/cgroup"}]"#,
                says: "join cgroup namespace '/proc/1/ns/cgroup'"),
            RefusalClause(
                "config-linux.md, User namespace mappings", "REQUIRED for a new one", "linux.namespaces",
                #"[{"type":"pid"},{"type":"ipc"},{"type":"uts"},{"type":"network"},{"type":"user"}]"#, says: "needs uidMappings"),
            RefusalClause(
                "config-linux.md, Offset for time namespace", "without a time namespace there are no clocks to offset", "linux.timeOffsets",
                #"{"boottime":{"secs":1}}"#, says: "a time namespace"),
            RefusalClause(
                "config-linux.md, Network devices", "what cannot be applied", "linux.netDevices", #"{"eth0":{}}"#,
                says: "move the network device 'eth0'"),
            RefusalClause(
                "config-linux.md, Devices", "type is c, b, u or p", "linux.devices", #"[{"path":"/dev/x","type":"z"}]"#,
                says: "'linux.devices[0].type'"),
            RefusalClause(
                "config-linux.md, Block IO", "weightDevice MUST have a weight or a leafWeight", "linux.resources",
                #"{"blockIO":{"weightDevice":[{"major":8,"minor":0}]}}"#, says: "neither weight nor leafWeight"),
            RefusalClause(
                "config-linux.md, RDMA", "hcaHandles or hcaObjects MUST be there", "linux.resources", #"{"rdma":{"mlx5_1":{}}}"#,
                says: "neither hcaHandles nor hcaObjects"),
            RefusalClause(
                "config-linux.md, IntelRdt", "without resctrl it MUST be an error", "linux.intelRdt", #"{"closID":"guaranteed"}"#,
                says: "intelRdt"),
            RefusalClause(
                "config-linux.md, Seccomp", "names MUST have an entry", "linux.seccomp",
                #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[],"action":"SCMP_ACT_ERRNO"}]}"#, says: "no system call is named"),
            RefusalClause(
                "config-linux.md, Seccomp", "defaultErrnoRet of an action without one MUST be an error", "linux.seccomp",
                #"{"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":1}"#, says: "'SCMP_ACT_ALLOW' returns no error number"),
            RefusalClause(
                "config-linux.md, Seccomp", "errnoRet of an action without one MUST be an error", "linux.seccomp",
                #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["kill"],"action":"SCMP_ACT_KILL","errnoRet":1}]}"#,
                says: "'SCMP_ACT_KILL' returns no error number"),
            RefusalClause(
                "config-linux.md, Seccomp", "listenerMetadata MUST NOT be there without listenerPath", "linux.seccomp",
                #"{"defaultAction":"SCMP_ACT_ALLOW","listenerMetadata":"x"}"#, says: "there is no listenerPath"),
            RefusalClause(
                "config-linux.md, Seccomp", "a listener that cannot be sent to MUST be an error", "linux.seccomp",
                #"{"defaultAction":"SCMP_ACT_NOTIFY","listenerPath":"/run/listener"}"#, says: "the listener would be outside"),
            RefusalClause(
                "config-linux.md, Masked paths", "they MUST be absolute", "linux.maskedPaths", #"["proc"]"#, says: "'linux.maskedPaths[0]'"),
            RefusalClause(
                "config-linux.md, Readonly paths", "they MUST be absolute", "linux.readonlyPaths", #"["proc"]"#,
                says: "'linux.readonlyPaths[0]'"),
            RefusalClause(
                "config-linux.md, Mount label", "what cannot be applied", "linux.mountLabel", #""system_u:object_r:x""#, says: "SELinux"),
            RefusalClause(
                "config-linux.md, Rootfs mount propagation", "a value that is none", "linux.rootfsPropagation", #""everywhere""#,
                says: "'linux.rootfsPropagation'"),
        ]

        @Test(arguments: clauses) func beforeAMachineIsStarted(_ clause: RefusalClause) async throws {
            try await withMachineHost(leaving: "refused") { host in
                try host.specify(["true"])
                let file = host.bundle.appending("config.json")
                let document = try #require(try JSONSerialization.jsonObject(with: Data(FileSystem.read(file))) as? [String: Any])
                try AtomicFile.write(Array(JSONSerialization.data(withJSONObject: clause.apply(to: document))), to: file)
                let mark = try host.forbidMachines()
                let result = try await host.kata("create", "--bundle", host.bundle.string, "refused")
                #expect(result.status == .exited(1))
                #expect(!FileSystem.exists(mark), "a machine was to be started")
                #expect(result.errorText.contains(clause.says), "\(result.errorText)")
                #expect(try await host.state("refused") == nil, "a new container MUST NOT be created (runtime.md, Create)")
            }
        }
    }
}
