// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataSystem
package import SystemPackage

/// Starts virtiofsd, that of QEMU up to 7.2 or the one in Rust, which take different arguments.
///
/// It ends by itself when QEMU closes the connection.
enum FileServerProcess {
    /// The listening socket's number in virtiofsd.
    private static let listener: CInt = 3

    /// - Parameters:
    ///   - errors: gets what it prints.
    ///   - directory: the sandbox's own.
    ///   - record: of what the programs of this host are.
    /// - Returns: the process, and the connection for QEMU.
    static func start(
        _ server: FileServer, sharing path: FilePath, errors: SharedFD, directory: FilePath, record: FileServerRecord
    ) async throws(MachineError) -> (process: MachineProcess, connection: SharedFD) {
        do throws(SystemError) {
            let isOfQEMU = try record.isOfQEMU(server.program) { () throws(SystemError) in
                try Subprocess(program: server.program, arguments: [server.program.string, "--version"])
                    .output(limit: 1 << 16).contains("FUSE kernel interface")
            }
            let place = directory.appending("virtiofsd.sock")
            let socket = SharedFD(try UnixSocket.listen(place))
            let connection = SharedFD(try UnixSocket.connect(place))
            // Nobody else is to connect.
            try FileSystem.remove(place)
            let arguments = isOfQEMU ? server.argumentsOfQEMUs(sharing: path) : server.argumentsOfRusts(sharing: path)
            let process = try await MachineProcess.spawn(
                arguments: [server.program.string, "--fd=\(listener)", "--rlimit-nofile=\(try Self.descriptorLimit())"] + arguments,
                descriptors: [listener: socket, 1: errors, 2: errors])
            return (process, connection)
        } catch {
            throw .spawn(server.program, cause: error)
        }
    }

    /// It would ask for a million, which not every root may have.
    private static func descriptorLimit() throws(SystemError) -> UInt {
        var limit = rlimit()
        try syscall("getrlimit", "RLIMIT_NOFILE") { getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
        return min(limit.rlim_max, 1_000_000)
    }
}

extension FileServer {
    /// virtiofsd(1) of QEMU 7.2.
    package func argumentsOfQEMUs(sharing path: FilePath) -> [String] {
        let cache =
            switch cache {
            case "never": "none"
            // What it has between never and always.
            case "metadata": "auto"
            default: cache
            }
        let submounts = "--announce-submounts"
        return ["-f", "-o", "source=\(path)", "-o", "cache=\(cache)", "-o", "xattr"]
            + extraArguments.flatMap { $0 == submounts ? ["-o", "announce_submounts"] : [$0] }
    }

    /// The README of gitlab.com/virtio-fs/virtiofsd.
    package func argumentsOfRusts(sharing path: FilePath) -> [String] {
        ["--shared-dir", path.string, "--cache", cache == "none" ? "never" : cache, "--xattr"] + extraArguments
    }
}
