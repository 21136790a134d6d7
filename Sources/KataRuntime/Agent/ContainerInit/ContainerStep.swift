// SPDX-License-Identifier: Apache-2.0

package import SystemPackage

/// One act of a container process between clone3(2) and execve(2); CLinux's interpreter runs it in the child.
package enum ContainerStep: Sendable, Equatable {
    /// A propagation change without other effect; the flags are MS_PRIVATE and the like.
    case propagation(FilePath, flags: UInt)
    case writeFile(FilePath, String)
    /// setns(2) on the agent's descriptor of the container's first process.
    case joinContainer(namespaces: UInt64)
    case unshare(namespaces: UInt64)
    /// setns(2) into the namespace that a file names.
    case enterNamespace(FilePath, kind: UInt64)
    /// Copies a tree of mounts of the guest into a numbered slot, to be attached inside the container's root.
    case cloneTree(FilePath, slot: Int, recursive: Bool)
    case enterRoot(FilePath)
    /// With parents. `following` is false where a symbolic link must not redirect what is mounted there.
    case makeDirectory(FilePath, mode: UInt32, following: Bool)
    /// A directory or an empty file, as the slot is one.
    case makeTarget(FilePath, slot: Int)
    case mount(source: String, FilePath, type: String, flags: UInt, data: String)
    case attachTree(FilePath, slot: Int, source: String)
    /// Changes the flags of a bind mount; those not in `cleared` and set already stay.
    case remount(FilePath, flags: UInt, cleared: UInt)
    case remountAll(FilePath, attributes: UInt64)
    case makeNode(DeviceDescription)
    case makeLink(FilePath, target: String)
    case mask(FilePath, slot: Int)
    case readOnly(FilePath)
    case hostName(String)
    case domainName(String)
    case loopbackUp
    case session
    /// A terminal of the container's own becomes the standard streams; the agent's side of it leaves over a socket.
    case terminal(TerminalSize, isConsole: Bool)
    /// Copies what is below a slot.
    case copyTree(FilePath, slot: Int)
    case schedule([UInt8])
    case ioPriority(UInt64)
    case affinity([UInt8])
    case personality(UInt64)
    case ownStreams(user: UInt32)
    case limit(ResourceLimit)
    case fileMask(UInt32)
    case workingDirectory(FilePath)
    case noNewPrivileges
    case filter(SystemCallFilter)
    case bound(UInt64)
    case groups([UInt32])
    case group(UInt32)
    case user(UInt32)
    case capabilities(CapabilitySets)
    case ambient(UInt64)
    case findProgram(String, candidates: [String])
    case awaitStart
    case execute(String)
}

extension ContainerStep: CustomStringConvertible {
    /// The attempted act and its object.
    package var description: String {
        switch self {
        case .propagation(let path, _): "set mount propagation of '\(path)'"
        case .writeFile(let path, let text): "write '\(text)' to '\(path)'"
        case .joinContainer: "join the container's namespaces"
        case .unshare: "unshare namespaces"
        case .enterNamespace(let path, _): "enter namespace '\(path)'"
        case .cloneTree(let path, _, _): "clone mount '\(path)' of the guest"
        case .enterRoot(let path): "pivot root to '\(path)'"
        case .makeDirectory(let path, _, _): "make directory '\(path)'"
        case .makeTarget(let path, _): "make mount point '\(path)'"
        case .mount(let source, let path, let type, _, let data):
            "mount \(type) '\(source)' at '\(path)'" + (data.isEmpty ? "" : " with '\(data)'")
        case .attachTree(let path, _, let source): "bind mount '\(source)' at '\(path)'"
        case .remount(let path, _, _), .remountAll(let path, _): "change mount flags of '\(path)'"
        case .makeNode(let device): "make device node '\(device.path)'"
        case .makeLink(let path, let target): "link '\(path)' to '\(target)'"
        case .mask(let path, _): "mask path '\(path)'"
        case .readOnly(let path): "make path '\(path)' read-only"
        case .hostName(let name): "set host name '\(name)'"
        case .domainName(let name): "set domain name '\(name)'"
        case .loopbackUp: "set up interface 'lo'"
        case .session: "start a session"
        case .terminal: "open a terminal of '/dev/ptmx'"
        case .copyTree(let path, _): "copy what was below '\(path)' into it"
        case .schedule: "set the scheduling policy"
        case .ioPriority: "set the I/O priority"
        case .affinity: "set the processors to run on"
        case .personality: "set the execution domain"
        case .ownStreams(let user): "give the standard streams to user \(user)"
        case .limit(let limit): "set resource limit \(limit.resource) to \(limit.soft):\(limit.hard)"
        case .fileMask: "set the file mode mask"
        case .workingDirectory(let path): "change to working directory '\(path)'"
        case .noNewPrivileges: "set no_new_privs"
        case .filter: "install the seccomp filter"
        case .bound: "set the capability bounding set"
        case .groups(let groups): "set additional groups \(groups)"
        case .group(let group): "set group \(group)"
        case .user(let user): "set user \(user)"
        case .capabilities: "set capabilities"
        case .ambient: "set ambient capabilities"
        case .findProgram(let program, _), .execute(let program): "exec '\(program)'"
        case .awaitStart: "wait for the start"
        }
    }
}
