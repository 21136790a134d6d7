// SPDX-License-Identifier: Apache-2.0

internal import CLinux
package import KataSystem
package import SystemPackage

/// `/lib/modules/<release>/load`: one absolute path of a kernel module a line, in load order.
package struct ModuleLoadList: Sendable, Equatable {
    package let modules: [FilePath]

    /// Blank lines and lines that start with # are left out.
    package init(parsing text: String) throws(ModuleFailure) {
        var modules: [FilePath] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let path = line.trimmingBlanks()
            if path.isEmpty || path.hasPrefix("#") { continue }
            guard path.hasPrefix("/") else { throw .relativePath(String(path), line: number + 1) }
            modules.append(FilePath(String(path)))
        }
        self.modules = modules
    }

    /// The list of the running kernel, or nil when it has none: then everything is built in.
    package static func ofRunningKernel(release: String) throws -> ModuleLoadList? {
        let path = FilePath("/lib/modules/\(release)/load")
        guard FileSystem.exists(path) else { return nil }
        return try ModuleLoadList(parsing: String(decoding: try FileSystem.read(path, limit: 1 << 20), as: UTF8.self))
    }

    /// finit_module(2) of each; one that the kernel has already counts as loaded.
    package func load() throws(ModuleFailure) {
        for module in modules {
            do throws(SystemError) {
                let file = try OwnedFD.open(module, O_RDONLY)
                try syscall("finit_module", module.string) { cl_load_module(file.raw) }
            } catch {
                if error.errno == .fileExists { continue }
                throw .notLoaded(module, error)
            }
        }
    }
}

/// A module list that cannot be used, or a module that the kernel refuses.
package enum ModuleFailure: FaultyError {
    case relativePath(String, line: Int)
    case notLoaded(FilePath, SystemError)

    package var fault: Fault { .guest }

    package var description: String {
        switch self {
        case .relativePath(let path, let line): "read module load list line \(line): '\(path)' is not an absolute path"
        case .notLoaded(let path, _): "load kernel module '\(path)'"
        }
    }

    package var cause: (any Error)? {
        if case .notLoaded(_, let error) = self { error } else { nil }
    }
}

extension Substring {
    func trimmingBlanks() -> Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
