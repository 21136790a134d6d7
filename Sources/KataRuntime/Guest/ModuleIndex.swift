// SPDX-License-Identifier: Apache-2.0

public import KataSystem
public import SystemPackage

/// The modules of one kernel: what depmod(8) wrote into modules.dep and what modules.builtin says is in the kernel itself.
///
/// Names are compared as the kernel does: "-" and "_" are the same letter.
public struct ModuleIndex: Sendable {
    /// One line of modules.dep.
    public struct Entry: Sendable, Hashable {
        /// Below the module directory, as `kernel/fs/overlayfs/overlay.ko`.
        public let path: FilePath
        /// Names of the modules it needs.
        public let dependencies: [String]
    }

    public let release: String
    private(set) var entries: [String: Entry] = [:]
    private(set) var builtin: Set<String> = []

    /// - Parameters:
    ///   - dependencies: text of modules.dep
    ///   - builtin: text of modules.builtin
    public init(release: String, dependencies: String, builtin: String) throws(ModuleError) {
        self.release = release
        for (offset, line) in dependencies.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated() where !line.isEmpty
        {
            guard let colon = line.firstIndex(of: ":"), let name = Self.name(ofFile: line[..<colon])
            else {
                throw .malformedIndex(release: release, line: offset + 1, text: String(line))
            }
            var needed: [String] = []
            for file in line[line.index(after: colon)...].split(separator: " ") {
                guard let dependency = Self.name(ofFile: file) else {
                    throw .malformedIndex(release: release, line: offset + 1, text: String(line))
                }
                needed.append(dependency)
            }
            entries[name] = Entry(path: FilePath(String(line[..<colon])), dependencies: needed)
        }
        self.builtin = Set(builtin.split(separator: "\n").compactMap { Self.name(ofFile: $0) })
    }

    public func entry(_ name: String) -> Entry? { entries[Self.canonical(name)] }

    /// In the kernel image: always there, never loaded.
    public func isBuiltin(_ name: String) -> Bool { builtin.contains(Self.canonical(name)) }

    public func has(_ name: String) -> Bool { isBuiltin(name) || entry(name) != nil }

    static func canonical(_ name: some StringProtocol) -> String {
        String(name.map { $0 == "-" ? "_" : $0 })
    }

    /// `kernel/drivers/char/hw_random/virtio-rng.ko.xz` → `virtio_rng`; nil when the file is no module.
    static func name(ofFile file: some StringProtocol) -> String? {
        guard let last = file.split(separator: "/").last else { return nil }
        for suffix in [".ko"] + ModuleCompression.allCases.map({ ".ko.\($0.rawValue)" })
        where last.hasSuffix(suffix) {
            let stem = last.dropLast(suffix.count)
            return stem.isEmpty ? nil : canonical(stem)
        }
        return nil
    }
}

extension ModuleIndex {
    /// The modules named and everything they need, each after what it needs; what is built in is left out.
    ///
    /// The order is fixed by `names` and by modules.dep, so equal input gives an equal initrd.
    public func closure(of names: [String]) throws(ModuleError) -> [Entry] {
        var ordered: [Entry] = []
        var done: Set<String> = []
        for name in names {
            var path: [String] = []
            try visit(Self.canonical(name), &path, &done, &ordered)
        }
        return ordered
    }

    private func visit(
        _ name: String, _ path: inout [String], _ done: inout Set<String>, _ ordered: inout [Entry]
    ) throws(ModuleError) {
        if done.contains(name) || builtin.contains(name) { return }
        if path.contains(name) { throw .cycle(release: release, modules: path + [name]) }
        guard let entry = entries[name] else {
            throw .missing(name, release: release, neededBy: path.last)
        }
        path.append(name)
        // depmod lists the nearest first and the deepest last.
        for dependency in entry.dependencies.reversed() {
            try visit(dependency, &path, &done, &ordered)
        }
        path.removeLast()
        done.insert(name)
        ordered.append(entry)
    }
}

/// What is wrong with a kernel's modules.
public enum ModuleError: FaultyError {
    case malformedIndex(release: String, line: Int, text: String)
    case missing(String, release: String, neededBy: String?)
    case cycle(release: String, modules: [String])
    /// The program that would decompress the module could not be run.
    case noDecompressor(FilePath, program: String, cause: any Error)
    case decompression(FilePath, program: String, ExitStatus)
    case unreadable(FilePath, cause: any Error)

    public var fault: Fault { .host }

    public var cause: (any Error)? {
        switch self {
        case .noDecompressor(_, _, let cause), .unreadable(_, let cause): cause
        case .malformedIndex, .missing, .cycle, .decompression: nil
        }
    }

    public var description: String {
        switch self {
        case .malformedIndex(let release, let line, let text):
            "read modules.dep of kernel \(release): line \(line) is not 'module: dependencies': '\(text)'"
        case .missing(let name, let release, let user):
            "find module '\(name)'\(user.map { ", needed by '\($0)'," } ?? "") of kernel \(release): "
                + "neither modules.dep nor modules.builtin has it"
        case .cycle(let release, let modules):
            "order the modules of kernel \(release): they need each other in a circle: \(modules.joined(separator: " → "))"
        case .noDecompressor(let path, let program, _):
            "decompress module '\(path)': install '\(program)', or decompress the modules and run depmod"
        case .decompression(let path, let program, let status):
            "decompress module '\(path)': \(program) ended with status \(status.shellStatus)"
        case .unreadable(let path, _):
            "read module '\(path)'"
        }
    }
}
