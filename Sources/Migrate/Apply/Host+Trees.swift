// SPDX-License-Identifier: Apache-2.0

internal import KataSystem
internal import SystemPackage

// Trees, made of single effects.
extension Host {
    /// The parents of a path that do not exist, highest first.
    func missingParents(of path: FilePath) throws(SystemError) -> [FilePath] {
        var missing: [FilePath] = []
        var parent = path.removingLastComponent()
        while !parent.isEmpty, parent.string != "/", try node(at: parent) == nil {
            missing.insert(parent, at: 0)
            parent = parent.removingLastComponent()
        }
        return missing
    }

    /// Makes a directory and its missing parents.
    func makeDirectories(to path: FilePath, like attributes: FileAttributes) throws(SystemError) {
        for directory in try missingParents(of: path.appending("x")) { try perform(.makeDirectory(directory, attributes)) }
    }

    /// Makes the missing parents of `path` as those of `model` are, name by name from the end.
    func makeParents(of path: FilePath, like model: FilePath) throws(SystemError) {
        var originals: [FilePath] = []
        var original = model
        let missing = try missingParents(of: path)
        for _ in missing {
            original = original.removingLastComponent()
            originals.insert(original, at: 0)
        }
        for (directory, original) in zip(missing, originals) {
            var attributes = try node(at: original)?.attributes ?? FileAttributes(mode: 0o755)
            attributes.modified = nil
            try perform(.makeDirectory(directory, attributes))
        }
    }

    /// Copies a file, a link or a whole directory with all attributes; what a former attempt left at `target` is replaced.
    func copyTree(_ path: FilePath, to target: FilePath) throws(SystemError) {
        guard let node = try node(at: path) else { return }
        switch node.kind {
        case .file: try perform(.copyFile(path, to: target))
        case .directory:
            try perform(.makeDirectory(target, FileAttributes(mode: 0o700)))
            for name in try names(in: path) { try copyTree(path.appending(name), to: target.appending(name)) }
            // Last: its own mode may forbid going in, and each name in it changed its time.
            try perform(.setAttributes(target, node.attributes))
        default:
            try perform(.remove(target))
            try perform(.makeNode(target, node))
        }
    }

    /// Removes a file or a whole directory; nothing there is no error. Links are not followed.
    func removeTree(_ path: FilePath) throws(SystemError) {
        guard let node = try node(at: path) else { return }
        if node.kind == .directory {
            for name in try names(in: path) { try removeTree(path.appending(name)) }
        }
        try perform(.remove(path))
    }

    /// Whether everything at `path` is in `other` too, the same but for times: what a removal that was cut off has left of it.
    func isRemainder(_ path: FilePath, of other: FilePath) throws(SystemError) -> Bool {
        guard let here = try node(at: path) else { return true }
        guard let there = try node(at: other), here.kind == there.kind, here.attributes.agrees(with: there.attributes),
            here.target == there.target, here.deviceNumber == there.deviceNumber
        else { return false }
        switch here.kind {
        case .file:
            guard here.size == there.size else { return false }
            return try areEqual(path, other)
        case .directory:
            for name in try names(in: path) {
                guard try isRemainder(path.appending(name), of: other.appending(name)) else { return false }
            }
            return true
        default: return true
        }
    }

    /// The name beside a file under which its next content is written.
    func fresh(_ path: FilePath) -> FilePath {
        let name = path.lastComponent?.string ?? ""
        // The longest name that a file system takes has 255 bytes.
        let own = name.utf8.count > 200 ? SHA256.hexadecimal(of: Array(name.utf8)) : name
        return path.removingLastComponent().appending(".\(own).kata-migrate")
    }

    /// What the links at the end of a path lead to: an edit of a file leaves the links to it as they are.
    func resolved(_ path: FilePath) throws(SystemError) -> FilePath {
        var end = path
        // The kernel's own limit of links in one path, MAXSYMLINKS.
        for _ in 0..<40 {
            guard let target = try node(at: end)?.target else { return end }
            end = target.hasPrefix("/") ? FilePath(target) : end.removingLastComponent().pushing(FilePath(target))
        }
        throw SystemError(call: "follow the links of", subject: path.string, errno: .tooManySymbolicLinkLevels)
    }
}
