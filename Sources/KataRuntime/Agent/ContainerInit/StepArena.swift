// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SystemPackage

/// Steps in C's form, with all memory that they point to; the child reads its copy of it after clone3(2).
struct StepArena: ~Copyable {
    private var blocks: [UnsafeMutableRawPointer] = []
    private(set) var steps: [cl_step] = []

    /// - Parameters:
    ///   - container: pidfd of the container's first process, for the step that joins it.
    ///   - terminalSocket: where the step that opens a terminal sends the agent's side to.
    init(_ steps: [ContainerStep], container: CInt, terminalSocket: CInt) {
        for step in steps { self.steps.append(lower(step, container: container, terminalSocket: terminalSocket)) }
    }

    deinit { for block in blocks { free(block) } }

    /// A NULL-terminated array for execve(2).
    mutating func strings(_ values: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        let array = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>(
            OpaquePointer(block(count: (values.count + 1) * MemoryLayout<UnsafeRawPointer?>.stride)))
        for (index, value) in values.enumerated() { (array + index).initialize(to: string(value)) }
        (array + values.count).initialize(to: nil)
        return array
    }

    private mutating func block(count: Int) -> UnsafeMutableRawPointer {
        guard let block = malloc(max(count, 1)) else {
            preconditionFailure("no memory for \(count) bytes of container steps")
        }
        blocks.append(block)
        return block
    }

    private mutating func string(_ value: String) -> UnsafeMutablePointer<CChar> {
        // A NUL would silently cut the string; what follows it is dropped where the bytes are copied.
        let bytes = Array(value.utf8.prefix { $0 != 0 })
        let copy = block(count: bytes.count + 1)
        copy.copyMemory(from: bytes, byteCount: bytes.count)
        copy.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
        return copy.assumingMemoryBound(to: CChar.self)
    }

    private mutating func bytes(_ value: [UInt8]) -> UnsafePointer<CChar> {
        let copy = block(count: value.count)
        copy.copyMemory(from: value, byteCount: value.count)
        return UnsafePointer(copy.assumingMemoryBound(to: CChar.self))
    }

    private mutating func constant(_ value: String) -> UnsafePointer<CChar> { UnsafePointer(string(value)) }

    private mutating func identifiers(_ values: [UInt32]) -> UnsafePointer<UInt32> {
        let copy = block(count: values.count * MemoryLayout<UInt32>.stride)
        copy.copyMemory(from: values, byteCount: values.count * MemoryLayout<UInt32>.stride)
        return UnsafePointer(copy.bindMemory(to: UInt32.self, capacity: values.count))
    }

    private mutating func lower(_ step: ContainerStep, container: CInt, terminalSocket: CInt) -> cl_step {
        var result = cl_step()
        switch step {
        case .writeFile(let path, let text):
            result.kind = CL_STEP_WRITE_FILE.rawValue
            result.target = constant(path.string)
            result.data = constant(text)
        case .joinContainer(let namespaces):
            result.kind = CL_STEP_JOIN.rawValue
            result.descriptor = container
            result.number = namespaces
        case .unshare(let namespaces):
            result.kind = CL_STEP_UNSHARE.rawValue
            result.number = namespaces
        case .enterNamespace(let path, let kind): fill(&result, CL_STEP_ENTER_NAMESPACE, path, number: kind)
        case .hostName(let name):
            result.kind = CL_STEP_HOST_NAME.rawValue
            result.data = constant(name)
        case .domainName(let name):
            result.kind = CL_STEP_DOMAIN_NAME.rawValue
            result.data = constant(name)
        case .loopbackUp: result.kind = CL_STEP_LOOPBACK_UP.rawValue
        case .session: result.kind = CL_STEP_SESSION.rawValue
        case .terminal(let size, let isConsole):
            fill(&result, CL_STEP_TERMINAL, slot: Int(terminalSocket), number: UInt64(size.rows), extra: UInt64(size.columns))
            result.third = isConsole ? 1 : 0
        case .workingDirectory(let path):
            result.kind = CL_STEP_DIRECTORY.rawValue
            result.target = constant(path.string)
        case .findProgram(_, let candidates):
            result.kind = CL_STEP_FIND_PROGRAM.rawValue
            result.list = UnsafePointer(
                UnsafeMutableRawPointer(strings(candidates)).assumingMemoryBound(to: UnsafePointer<CChar>?.self))
        case .filter(let filter):
            fill(&result, CL_STEP_FILTER, number: UInt64(filter.flags), extra: UInt64(filter.instructionCount))
            result.data = bytes(filter.program)
        case .awaitStart: result.kind = CL_STEP_AWAIT_START.rawValue
        case .execute: result.kind = CL_STEP_EXECUTE.rawValue
        default:
            if !lowerMount(step, &result) { lowerIdentity(step, &result) }
        }
        return result
    }

    private mutating func lowerMount(_ step: ContainerStep, _ result: inout cl_step) -> Bool {
        switch step {
        case .propagation(let path, let flags): fill(&result, CL_STEP_PROPAGATION, path, number: UInt64(flags))
        case .cloneTree(let path, let slot, let recursive):
            fill(&result, CL_STEP_CLONE_TREE, path, slot: slot, number: recursive ? 1 : 0)
            result.source = result.target
        case .enterRoot(let path): fill(&result, CL_STEP_ENTER_ROOT, path)
        case .makeDirectory(let path, let mode, let following):
            fill(&result, CL_STEP_MAKE_DIRECTORY, path, number: UInt64(mode), extra: following ? 0 : 1)
        case .makeTarget(let path, let slot): fill(&result, CL_STEP_MAKE_TARGET, path, slot: slot, number: 0o755)
        case .mount(let source, let path, let type, let flags, let data):
            fill(&result, CL_STEP_MOUNT, path, number: UInt64(flags))
            result.source = constant(source)
            result.type = constant(type)
            result.data = data.isEmpty ? nil : constant(data)
        case .attachTree(let path, let slot, _): fill(&result, CL_STEP_ATTACH_TREE, path, slot: slot)
        case .remount(let path, let flags, let cleared):
            fill(&result, CL_STEP_REMOUNT, path, number: UInt64(flags), extra: ~UInt64(cleared))
        case .remountAll(let path, let attributes): fill(&result, CL_STEP_REMOUNT_ALL, path, number: attributes)
        case .makeNode(let device):
            fill(&result, CL_STEP_MAKE_NODE, device.path, number: UInt64(device.mode), extra: device.device)
            result.ids = identifiers([device.user, device.group])
            result.id_count = 2
        case .makeLink(let path, let target):
            fill(&result, CL_STEP_MAKE_LINK, path)
            result.source = constant(target)
        case .mask(let path, let slot): fill(&result, CL_STEP_MASK, path, slot: slot)
        case .copyTree(let path, let slot): fill(&result, CL_STEP_COPY_TREE, path, slot: slot)
        case .readOnly(let path): fill(&result, CL_STEP_READ_ONLY, path)
        default: return false
        }
        return true
    }

    private mutating func lowerIdentity(_ step: ContainerStep, _ result: inout cl_step) {
        switch step {
        case .ownStreams(let user): fill(&result, CL_STEP_OWN_STREAMS, number: UInt64(user))
        case .limit(let limit):
            fill(&result, CL_STEP_LIMIT, slot: Int(limit.resource), number: limit.soft, extra: limit.hard)
        case .fileMask(let mask): fill(&result, CL_STEP_FILE_MASK, number: UInt64(mask))
        case .schedule(let attributes):
            fill(&result, CL_STEP_SCHEDULE)
            result.data = bytes(attributes)
        case .ioPriority(let priority): fill(&result, CL_STEP_IO_PRIORITY, number: priority)
        case .affinity(let mask):
            fill(&result, CL_STEP_AFFINITY, extra: UInt64(mask.count))
            result.data = bytes(mask)
        case .personality(let domain): fill(&result, CL_STEP_PERSONALITY, number: domain)
        case .noNewPrivileges: fill(&result, CL_STEP_NO_NEW_PRIVILEGES)
        case .bound(let mask): fill(&result, CL_STEP_BOUND, number: mask)
        case .groups(let groups):
            fill(&result, CL_STEP_GROUPS)
            result.ids = identifiers(groups)
            result.id_count = groups.count
        case .group(let group): fill(&result, CL_STEP_GROUP, number: UInt64(group))
        case .user(let user): fill(&result, CL_STEP_USER, number: UInt64(user))
        case .capabilities(let sets):
            fill(&result, CL_STEP_CAPABILITIES, number: sets.effective, extra: sets.permitted)
            result.third = sets.inheritable
        case .ambient(let mask): fill(&result, CL_STEP_AMBIENT, number: mask)
        default: preconditionFailure("a container step without a C form: \(step)")
        }
    }

    private mutating func fill(
        _ result: inout cl_step, _ kind: cl_step_kind, _ target: FilePath? = nil, slot: Int = -1, number: UInt64 = 0,
        extra: UInt64 = 0
    ) {
        result.kind = kind.rawValue
        result.descriptor = Int32(slot)
        if let target { result.target = constant(target.string) }
        result.number = number
        result.extra = extra
    }
}
