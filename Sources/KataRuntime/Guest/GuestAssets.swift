// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText
public import SystemPackage

/// What a guest boots from, as `assets.json` beside the initrd describes it.
///
/// Digests are `sha256:` and hexadecimal digits; the one of the initrd also tells which agent and modules are inside.
public struct GuestAssets: Sendable, Codable, Equatable {
    /// Of the file's format; another version is refused, as the file is cheap to make anew.
    public static let version = 1
    /// The manifest's name in the output directory.
    public static let manifestName = "assets.json"

    /// A file as it was when the assets were built.
    public struct File: Sendable, Codable, Equatable {
        public let path: FilePath
        public let bytes: Int
        public let digest: String
    }

    /// The kernel image to boot.
    public struct Kernel: Sendable, Codable, Equatable {
        public let image: File
        public let release: String
        public let origin: GuestKernel.Origin
        public let format: KernelImage.Format
    }

    /// Something that this kernel cannot do, and the module that it would take.
    public struct Absence: Sendable, Codable, Equatable {
        public let module: String
        public let use: String
    }

    let version: Int
    public let kernel: Kernel
    public let initrd: File
    public let agent: File
    /// File names in load order.
    public let modules: [String]
    public let absent: [Absence]

    init(kernel: Kernel, initrd: File, agent: File, modules: [String], absent: [Absence]) {
        version = Self.version
        self.kernel = kernel
        self.initrd = initrd
        self.agent = agent
        self.modules = modules
        self.absent = absent
    }
}

extension GuestAssets {
    private struct Versioned: Decodable {
        let version: Int
    }

    /// Reads the manifest in a directory that `AssetBuild` wrote.
    public static func read(from directory: FilePath) throws(AssetError) -> GuestAssets {
        let path = directory.appending(manifestName)
        do {
            let document = JSONDocument.parse(
                SourceText(path: path, bytes: try FileSystem.read(path, limit: 1 << 20)))
            guard let json = document.value else {
                throw ManifestProblem(document.diagnostics.first?.message ?? "")
            }
            let found = try json.decode(Versioned.self).version
            guard found == version else { throw AssetError.manifestVersion(path, found: found) }
            return try json.decode(GuestAssets.self)
        } catch let error as AssetError {
            throw error
        } catch {
            throw .manifest(path, cause: error)
        }
    }

    /// Where built and downloaded kernels are kept: `KATA_CACHE`, else `kata-swift` in the user's cache directory.
    public static func cacheDirectory(environment: [String: String]) -> FilePath {
        if let chosen = environment["KATA_CACHE"], !chosen.isEmpty { return FilePath(chosen) }
        if let base = environment["XDG_CACHE_HOME"], !base.isEmpty {
            return FilePath(base).appending("kata-swift")
        }
        return FilePath(environment["HOME"] ?? "/root").appending(".cache").appending("kata-swift")
    }
}

/// Text that is no JSON.
private struct ManifestProblem: FaultyError {
    let description: String
    var fault: Fault { .user }

    init(_ message: String) { description = "parse JSON: \(message)" }
}
