// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
internal import SystemPackage

/// Looks at the files of a specification before QEMU does: its messages name no fault, and some come late or never
/// (a missing shared directory is only noticed by the guest).
enum MachineParts {
    static func verify(_ spec: MachineSpec) throws(MachineError) {
        let problems = spec.problems
        guard problems.isEmpty else { throw .invalidSpecification(machine: spec.name, problems) }
        try verify(.emulator, spec.emulator, .file, "a program", access: X_OK)
        try verify(.kernel, spec.kernel.path, .file, "a file", access: R_OK)
        if let initrd = spec.kernel.initrd { try verify(.initrd, initrd, .file, "a file", access: R_OK) }
        if let share = spec.sharedDirectory { try verify(.sharedDirectory, share.path, .directory, "a directory", access: R_OK) }
        if let server = spec.sharedDirectory?.server { try verify(.fileServer, server.program, .file, "a program", access: X_OK) }
        try verify(.randomSource, spec.randomSource, .characterDevice, "a character device", access: R_OK)
    }

    private static func verify(
        _ part: MachinePart, _ path: FilePath, _ kind: FileStatus.Kind, _ expected: String, access mode: CInt
    ) throws(MachineError) {
        let found: FileStatus.Kind
        do throws(SystemError) {
            guard let status = try FileSystem.targetStatus(path) else {
                throw SystemError(call: "stat", subject: path.string, errno: .noSuchFileOrDirectory)
            }
            try syscall("access", path.string) { path.withPlatformString { access($0, mode) } }
            found = status.kind
        } catch {
            throw .unusablePart(part, path, cause: error)
        }
        if found != kind { throw .wrongKind(part, path, expected: expected) }
    }
}
