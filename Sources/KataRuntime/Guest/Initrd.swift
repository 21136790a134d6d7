// SPDX-License-Identifier: Apache-2.0

internal import KataSystem

/// The guest's first root file system: the agent as /init and, for a kernel with modules, those to load.
///
///     /init                        the agent, mode 0755
///     /dev/console                 the agent's standard streams before it has mounted anything
///     /lib/modules/<release>/load  absolute paths of the modules beside it, one a line, in load order
///     /proc /sys /run              mount points
public struct Initrd: Sendable {
    /// An uncompressed module and the name of its file.
    public struct Module: Sendable {
        public let fileName: String
        public let content: [UInt8]

        public init(fileName: String, content: [UInt8]) {
            self.fileName = fileName
            self.content = content
        }
    }

    public let agent: [UInt8]
    public let release: String
    /// In load order.
    public let modules: [Module]

    /// What the guest has besides, such as hooks, by its path without a leading slash; parents come first.
    public let additions: [(path: String, node: NewcArchive.Node)]

    public init(agent: [UInt8], release: String, modules: [Module], additions: [(path: String, node: NewcArchive.Node)] = []) {
        self.additions = additions
        self.agent = agent
        self.release = release
        self.modules = modules
    }

    public func archive() throws(NewcError) -> NewcArchive {
        var archive = NewcArchive()
        try archive.add("init", .file(agent, mode: 0o755))
        for directory in ["dev", "proc", "run", "sys"] {
            try archive.add(directory, .directory(mode: 0o755))
        }
        try archive.add("dev/console", .characterDevice(major: 5, minor: 1, mode: 0o600))
        let directory = "lib/modules/\(release)"
        for module in modules {
            try archive.add("\(directory)/\(module.fileName)", .file(module.content, mode: 0o644))
        }
        let list = modules.map { "/\(directory)/\($0.fileName)\n" }.joined()
        try archive.add("\(directory)/load", .file(Array(list.utf8), mode: 0o644))
        for addition in additions {
            if case .directory = addition.node, case .directory = archive[addition.path] { continue }
            try archive.add(addition.path, addition.node)
        }
        return archive
    }
}
