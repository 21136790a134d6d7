// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import KataSystem
internal import SystemPackage

extension LiveHost {
    package func perform(_ effect: Effect) throws(SystemError) {
        switch effect {
        case .makeDirectory(let path, let attributes): try makeDirectory(path, attributes)
        case .write(let path, let bytes, let attributes):
            try withPlace(path) { place throws(SystemError) in
                let file = try OwnedFD.open(place, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
                try file.writeAll(bytes)
                try attributes.apply(to: place, isLink: false)
            }
        case .append(let path, let bytes):
            try withPlace(path) { place throws(SystemError) in
                let file = try OwnedFD.open(place, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
                try file.writeAll(bytes)
                try file.synchronize()
            }
        case .copyFile(let path, let target): try copy(path, to: target)
        case .makeNode(let path, let node):
            try withPlace(path) { place throws(SystemError) in try node.make(at: place) }
        case .setAttributes(let path, let attributes):
            try withPlace(path) { place throws(SystemError) in try attributes.apply(to: place, isLink: false) }
        case .rename(let path, let target):
            try withPlace(path) { from throws(SystemError) in
                try withPlace(target) { to throws(SystemError) in try FileSystem.rename(from, to: to) }
            }
        case .remove(let path): try remove(path)
        case .synchronize(let path):
            try withPlace(path.appending(".")) { place throws(SystemError) in
                let directory = try OwnedFD.open(place, O_RDONLY | O_DIRECTORY)
                try directory.synchronizeFileSystem()
            }
        case .run(let command): try require(command, try ask(command))
        case .start(let command, let output): try require(command, try start(command, output: output))
        case .end(let processes): try ProcessEnding(processes).run()
        case .reap(let processes): try ProcessEnding(processes, patience: ProcessEnding.afterStop).run()
        }
    }

    private func require(_ command: [String], _ result: CommandResult) throws(SystemError) {
        guard result.status == 0 else {
            throw SystemError(
                call: "run", subject: "\(command.joined(separator: " "))' (status \(result.status): \(result.words))'", errno: .ioError)
        }
    }

    /// It appears with its attributes or not at all: a run that goes on after this one was cut off takes a directory that is there for whole.
    private func makeDirectory(_ path: FilePath, _ attributes: FileAttributes) throws(SystemError) {
        // A directory of ours alone needs nothing that mkdir(2) does not give it.
        let isBare = attributes == FileAttributes(mode: 0o700, owner: geteuid(), group: getegid())
        let isThere = try node(at: path) != nil
        let fresh = isBare || isThere ? path : fresh(path)
        try withPlace(fresh) { place throws(SystemError) in
            if !isThere { _ = try FileSystem.makeNewDirectory(place, mode: 0o700) }
            try attributes.apply(to: place, isLink: false)
        }
        if fresh != path { try perform(.rename(fresh, to: path)) }
    }

    private func remove(_ path: FilePath) throws(SystemError) {
        try withPlace(path) { place throws(SystemError) in
            switch try FileSystem.status(place)?.kind {
            case nil: return
            case .directory: try FileSystem.removeDirectory(place)
            default: try FileSystem.remove(place)
            }
        }
    }

    /// Holes stay holes: a state file of 4 GiB in tmpfs may hold nothing.
    private func copy(_ path: FilePath, to target: FilePath) throws(SystemError) {
        guard let node = try node(at: path) else { throw SystemError(call: "copy", subject: path.string, errno: .noSuchFileOrDirectory) }
        try withPlace(path) { from throws(SystemError) in
            try withPlace(target) { to throws(SystemError) in
                let source = try OwnedFD.open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
                let copy = try OwnedFD.open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
                try copy.truncate(to: node.size)
                var offset: Int64 = 0
                while let data = try source.nextData(from: offset) {
                    try source.seek(to: data.lowerBound)
                    try copy.seek(to: data.lowerBound)
                    offset = data.upperBound
                    var left = data.count
                    while left > 0 {
                        let part = try source.read(upTo: min(left, 1 << 20))
                        if part.isEmpty { break }  // somebody has cut it meanwhile
                        try copy.writeAll(part)
                        left -= part.count
                    }
                }
                try node.attributes.apply(to: to, isLink: false)
            }
        }
    }
}

extension HostNode {
    fileprivate func make(at place: FilePath) throws(SystemError) {
        if let target {
            try FileSystem.makeLink(place, to: target)
        } else {
            try FileSystem.makeNode(place, kind, deviceNumber: deviceNumber)
        }
        try attributes.apply(to: place, isLink: kind == .symbolicLink)
    }
}
