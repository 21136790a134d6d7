// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText
public import SystemPackage

/// What `kata-runtime assets show` says: the assets as built, and whether the files are still those.
public struct AssetReport: Sendable {
    /// One file that is not what the manifest says.
    public struct Deviation: Sendable, Codable, Equatable {
        public let path: FilePath
        public let problem: String
    }

    private struct Document: Encodable {
        let assets: GuestAssets
        let deviations: [Deviation]
    }

    public let assets: GuestAssets
    public let deviations: [Deviation]

    /// Reads the manifest in `directory` and compares kernel and initrd with it.
    public init(_ directory: FilePath) throws(AssetError) {
        assets = try GuestAssets.read(from: directory)
        deviations = [assets.kernel.image, assets.initrd].compactMap(Self.deviation)
    }

    private static func deviation(_ file: GuestAssets.File) -> Deviation? {
        do {
            let bytes = try FileSystem.read(file.path, limit: 512 << 20)
            if SHA256.name(of: bytes) == file.digest { return nil }
            return Deviation(path: file.path, problem: "changed since the assets were built")
        } catch {
            return Deviation(path: file.path, problem: errorChain(error))
        }
    }

    /// For people.
    public var text: String {
        var lines = [
            "kernel   \(assets.kernel.release) (\(assets.kernel.origin.rawValue), \(assets.kernel.format.rawValue))",
            "         \(assets.kernel.image.path)",
            "initrd   \(assets.initrd.path), \(assets.initrd.bytes) bytes",
            "         \(assets.initrd.digest)",
            "agent    \(assets.agent.path), \(assets.agent.bytes) bytes",
            "         \(assets.agent.digest)",
            "modules  \(assets.modules.isEmpty ? "none, all is built in" : assets.modules.joined(separator: " "))",
        ]
        lines += assets.absent.map { "without  \($0.module): \($0.use)" }
        lines += deviations.map { "differs  \($0.path): \($0.problem)" }
        return lines.map { $0 + "\n" }.joined()
    }

    /// For programs; the same facts.
    public func json() throws -> [UInt8] {
        try encodeJSON(Document(assets: assets, deviations: deviations), pretty: true)
    }
}
