// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
public import SystemPackage

/// A kernel that a guest can boot, and the modules that belong to it.
public struct GuestKernel: Sendable, Equatable {
    /// Where a kernel came from; decides nothing but what is said about it.
    public enum Origin: String, Sendable, Codable {
        /// Built from our fragment by `make guest-kernel`.
        case own
        /// The distribution's, unpacked or installed.
        case distribution
        /// Named by the user.
        case given
    }

    public let origin: Origin
    /// An uncompressed ELF (booted through PVH) or a bzImage.
    public let image: FilePath
    /// As `uname -r` says in the guest.
    public let release: String
    /// `…/lib/modules/<release>`; nil for a kernel that has everything built in.
    public let modules: FilePath?

    public init(origin: Origin, image: FilePath, release: String, modules: FilePath?) {
        self.origin = origin
        self.image = image
        self.release = release
        self.modules = modules
    }

    /// What depmod(8) and the build wrote about its modules.
    public func moduleIndex() throws(AssetError) -> ModuleIndex? {
        guard let modules else { return nil }
        do {
            let dependencies = try FileSystem.read(modules.appending("modules.dep"))
            let builtin = try FileSystem.read(modules.appending("modules.builtin"))
            return try ModuleIndex(
                release: release, dependencies: String(decoding: dependencies, as: UTF8.self),
                builtin: String(decoding: builtin, as: UTF8.self))
        } catch {
            throw .kernelTree(modules, cause: error)
        }
    }
}

extension GuestKernel {
    /// The tuned kernel that `make guest-kernel` left in `directory`: `vmlinux`, and its release in `release`.
    public static func own(in directory: FilePath) throws(AssetError) -> GuestKernel? {
        let image = directory.appending("vmlinux")
        guard FileSystem.exists(image) else { return nil }
        let release: String
        do {
            release = String(
                decoding: try FileSystem.read(directory.appending("release"), limit: 4096), as: UTF8.self)
        } catch {
            throw .kernelTree(directory, cause: error)
        }
        return GuestKernel(
            origin: .own, image: image, release: release.filter { !$0.isWhitespace }, modules: nil)
    }

    /// The newest kernel below `root` (a package's content, or "/") that has `boot/vmlinuz-R` and an indexed `lib/modules/R`.
    public static func distribution(below root: FilePath) -> GuestKernel? {
        let trees = root.appending("lib").appending("modules")
        // No such directory means no such kernel.
        let releases = (try? FileSystem.list(trees)) ?? []
        let complete = releases.compactMap { release -> GuestKernel? in
            let image = root.appending("boot").appending("vmlinuz-\(release)")
            let modules = trees.appending(release)
            guard FileSystem.exists(image), FileSystem.exists(modules.appending("modules.dep")) else {
                return nil
            }
            return GuestKernel(origin: .distribution, image: image, release: release, modules: modules)
        }
        return complete.max { isOlder($0.release, $1.release) }
    }

    /// The kernel to use: our own before an unpacked one of the distribution before an installed one.
    public static func best(cache: FilePath, system: FilePath = "/") throws(AssetError) -> GuestKernel {
        let ownPlace = cache.appending("guest-kernel")
        let unpackedPlace = cache.appending("debian-kernel")
        if let own = try own(in: ownPlace) { return own }
        if let found = distribution(below: unpackedPlace) ?? distribution(below: system) {
            return found
        }
        throw .noKernel(searched: [ownPlace, unpackedPlace, system.appending("boot")])
    }

    /// A kernel by its path, with the modules of `lib/modules/R` when a directory is given.
    public static func given(image: FilePath, modules: FilePath?) throws(AssetError) -> GuestKernel {
        guard FileSystem.exists(image) else { throw .noKernel(searched: [image]) }
        if let modules {
            guard let release = modules.lastComponent?.string else {
                throw .noKernel(searched: [image, modules])
            }
            return GuestKernel(origin: .given, image: image, release: release, modules: modules)
        }
        let name = image.lastComponent?.string ?? ""
        let release =
            name.split(separator: "-", maxSplits: 1).dropFirst().first.map(String.init) ?? name
        return GuestKernel(origin: .given, image: image, release: release, modules: nil)
    }

    /// Digit runs compare as numbers: 6.1.0-9 is older than 6.1.0-56.
    static func isOlder(_ left: String, _ right: String) -> Bool {
        let (a, b) = (parts(left), parts(right))
        for (x, y) in zip(a, b) where x != y {
            if let m = UInt64(x), let n = UInt64(y) { return m < n }
            return x < y
        }
        return a.count < b.count
    }

    private static func parts(_ release: String) -> [String] {
        var parts: [String] = []
        var lastIsDigit: Bool?
        for character in release {
            let isDigit = character.isASCII && character.isNumber
            if isDigit == lastIsDigit {
                parts[parts.count - 1].append(character)
            } else {
                parts.append(String(character))
            }
            lastIsDigit = isDigit
        }
        return parts
    }
}
