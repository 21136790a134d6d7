// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

/// The configuration fragment that makes a runtime boot from these assets.
struct AssetDropIn {
    let text: String

    init(_ assets: GuestAssets) {
        text = """
            # Written by "kata-runtime assets build"; the next build replaces it.
            # Kernel \(assets.kernel.release), agent \(assets.agent.digest)
            [hypervisor.qemu]
            kernel = \(Self.quoted(assets.kernel.image.path))
            initrd = \(Self.quoted(assets.initrd.path))
            # A guest has an initrd or an image, not both.
            image = ""

            """
    }

    static func path(in configurationDirectory: FilePath) -> FilePath {
        configurationDirectory.appending("config.d").appending("50-assets.toml")
    }

    func write(to path: FilePath) throws(AssetError) {
        do {
            try FileSystem.makeDirectory(path.removingLastComponent())
            try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
        } catch {
            throw .write(path, cause: error)
        }
    }

    /// A TOML basic string.
    private static func quoted(_ path: FilePath) -> String {
        var text = "\""
        for scalar in path.string.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
