// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import KataText
public import SystemPackage

/// Makes what a guest boots from: kernel image, initrd, their manifest and the drop-in that names them.
public struct AssetBuild: Sendable {
    /// Which kernel to take.
    public enum KernelChoice: Sendable {
        /// Our own in the cache directory, else the distribution's, unpacked there or installed.
        case best(cache: FilePath)
        case given(image: FilePath, modules: FilePath?)
    }

    /// What is done, for showing progress.
    public enum Step: Sendable, CustomStringConvertible {
        case kernel(GuestKernel)
        case extractingKernel(FilePath)
        case modules(count: Int, absent: [GuestModule])
        case initrd(FilePath)
        case dropIn(FilePath)

        public var description: String {
            switch self {
            case .kernel(let kernel):
                "kernel \(kernel.release) (\(kernel.origin.rawValue)) from \(kernel.image)"
            case .extractingKernel(let path): "uncompressing the kernel to \(path)"
            case .modules(let count, let absent):
                "\(count) modules" + absent.map { "; without '\($0.name)': \($0.use)" }.joined()
            case .initrd(let path): "initrd \(path)"
            case .dropIn(let path): "configuration \(path)"
            }
        }
    }

    public var kernel: KernelChoice
    /// The static kata-agent.
    public var agent: FilePath
    /// Made when missing; an older build in it is replaced.
    public var output: FilePath
    /// The directory of the `configuration.toml` that is to get `config.d/50-assets.toml`; nil writes none.
    public var configurationDirectory: FilePath?
    /// Whether a kernel that is booted as it is gets a copy in `output`, so that nothing outside of it is needed.
    public var copiesKernel = false
    /// A directory whose content the guest gets at its root; nil for none.
    public var additions: FilePath?
    public var modules = GuestModule.standard

    public init(
        kernel: KernelChoice, agent: FilePath, output: FilePath, configurationDirectory: FilePath? = nil, additions: FilePath? = nil
    ) {
        self.additions = additions
        self.kernel = kernel
        self.agent = agent
        self.output = output
        self.configurationDirectory = configurationDirectory
    }

    /// Builds everything; what is in the output directory is replaced file by file, the manifest last.
    public func run(progress: (Step) -> Void) throws(AssetError) -> GuestAssets {
        let agent = try AgentBinary(agent)
        let kernel = try chosenKernel()
        progress(.kernel(kernel))
        do { try FileSystem.makeDirectory(output) } catch { throw .write(output, cause: error) }
        let image = try describedImage(of: kernel, progress)
        let selection = try selectedModules(of: kernel)
        if let selection {
            progress(.modules(count: selection.entries.count, absent: selection.absent))
        }
        let loaded = try content(of: selection?.entries ?? [], in: kernel)
        let initrd = try write(
            Initrd(agent: agent.bytes, release: kernel.release, modules: loaded, additions: try added()), progress)
        let assets = GuestAssets(
            kernel: image, initrd: initrd,
            agent: GuestAssets.File(
                path: agent.path, bytes: agent.bytes.count, digest: SHA256.name(of: agent.bytes)),
            modules: loaded.map(\.fileName),
            absent: (selection?.absent ?? []).map { .init(module: $0.name, use: $0.use) })
        try writeManifest(assets)
        if let configurationDirectory {
            let path = AssetDropIn.path(in: configurationDirectory)
            progress(.dropIn(path))
            try AssetDropIn(assets).write(to: path)
        }
        return assets
    }

    private func chosenKernel() throws(AssetError) -> GuestKernel {
        switch kernel {
        case .best(let cache): try GuestKernel.best(cache: cache)
        case .given(let image, let modules): try GuestKernel.given(image: image, modules: modules)
        }
    }

    /// The image to boot: the kernel's own file, or the ELF out of it, which is then kept in the output directory.
    private func describedImage(of kernel: GuestKernel, _ progress: (Step) -> Void) throws(AssetError)
        -> GuestAssets.Kernel
    {
        var path = kernel.image
        var format: KernelImage.Format
        let bytes: [UInt8]
        do {
            let image = try KernelImage(path)
            format = image.format
            let destination = output.appending("vmlinux-\(kernel.release)")
            if format == .bzImage { progress(.extractingKernel(destination)) }
            if let extracted = try image.extracted() {
                try AtomicFile.write(extracted, to: destination, mode: 0o644)
                path = destination
                format = .vmlinux
                bytes = extracted
            } else {
                bytes = try FileSystem.read(path, limit: 512 << 20)
                if copiesKernel, path.removingLastComponent() != output {
                    try AtomicFile.write(bytes, to: destination, mode: 0o644)
                    path = destination
                }
            }
        } catch {
            throw .kernelTree(kernel.image, cause: error)
        }
        return GuestAssets.Kernel(
            image: .init(path: path, bytes: bytes.count, digest: SHA256.name(of: bytes)),
            release: kernel.release,
            origin: kernel.origin, format: format)
    }

    private func selectedModules(of kernel: GuestKernel) throws(AssetError) -> ModuleSelection? {
        guard let index = try kernel.moduleIndex() else { return nil }
        do { return try ModuleSelection(modules, from: index) } catch { throw .modules(cause: error) }
    }

    private func content(of entries: [ModuleIndex.Entry], in kernel: GuestKernel) throws(AssetError)
        -> [Initrd.Module]
    {
        guard let directory = kernel.modules else { return [] }
        var loaded: [Initrd.Module] = []
        for entry in entries {
            let file = ModuleFile(path: directory.pushing(entry.path))
            do { loaded.append(.init(fileName: file.plainName, content: try file.content())) } catch {
                throw .modules(cause: error)
            }
        }
        return loaded
    }

    private func added() throws(AssetError) -> [(path: String, node: NewcArchive.Node)] {
        guard let additions else { return [] }
        do { return try Self.tree(additions, below: "") } catch { throw .additions(additions, cause: error) }
    }

    private static func tree(_ directory: FilePath, below prefix: String) throws(SystemError) -> [(path: String, node: NewcArchive.Node)] {
        var found: [(path: String, node: NewcArchive.Node)] = []
        for name in try FileSystem.list(directory).sorted() {
            let (file, path) = (directory.appending(name), prefix + name)
            guard let status = try FileSystem.status(file) else { continue }  // it went meanwhile
            switch status.kind {
            case .directory:
                found.append((path, .directory(mode: status.mode)))
                found += try tree(file, below: path + "/")
            case .file: found.append((path, .file(try FileSystem.read(file, limit: 512 << 20), mode: status.mode)))
            case .symbolicLink: found.append((path, .symbolicLink(target: try FileSystem.readLink(file))))
            case .socket, .fifo, .characterDevice, .blockDevice: continue  // of the host alone
            }
        }
        return found
    }

    private func write(_ initrd: Initrd, _ progress: (Step) -> Void) throws(AssetError)
        -> GuestAssets.File
    {
        let path = output.appending("initrd.cpio")
        progress(.initrd(path))
        let bytes: [UInt8]
        do { bytes = try initrd.archive().serialized() } catch { throw .archive(cause: error) }
        do { try AtomicFile.write(bytes, to: path, mode: 0o644) } catch {
            throw .write(path, cause: error)
        }
        return GuestAssets.File(path: path, bytes: bytes.count, digest: SHA256.name(of: bytes))
    }

    private func writeManifest(_ assets: GuestAssets) throws(AssetError) {
        let path = output.appending(GuestAssets.manifestName)
        do {
            try AtomicFile.write(try encodeJSON(assets, pretty: true), to: path, mode: 0o644)
        } catch {
            throw .write(path, cause: error)
        }
    }
}
