// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// A mount and a network namespace in which an engine can work without touching the host's, with a directory for all it keeps.
struct EngineLab: Sendable {
    let directory: FilePath
    /// The runtime as engines call it: with the configuration of the tests' machine.
    let runtime: FilePath
    /// Whose bundle has the root file system that the images are made of.
    let host: MachineHost
    private let holder: ChildProcess

    static let image = "localhost/bb:1"

    /// The hierarchy of sysfs is that of the network namespace, and the mounts of cgroups lie below it.
    private static let preparation = """
        mount --make-rprivate / && mkdir -p "$1/sys" && mount -t sysfs sysfs "$1/sys" &&
        mount --move /sys/fs/cgroup "$1/sys/fs/cgroup" && mount --move "$1/sys" /sys && mount --make-rshared / &&
        for place in $2; do
            upper="$1/upper$place" && mkdir -p "$upper" "$1/work$place" &&
                mount -t overlay -o "lowerdir=$place,upperdir=$upper,workdir=$1/work$place" overlay "$place" || exit 1
        done &&
        ip link set lo up && echo 1 >/proc/sys/net/ipv4/ip_forward && touch "$1/ready" && exec sleep 86400
        """

    /// - Parameter overlaid: directories of the host whose changes stay in the lab.
    static func with(overlaid: [String] = [], _ body: (EngineLab) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            try FileSystem.makeDirectory(directory.appending("host"))
            let host = try MachineHost(directory.appending("host"))
            let runtime = directory.appending("kata")
            let script = "#!/bin/sh\nexec \(MachineHost.runtime) --config \(host.configuration) \"$@\"\n"
            try AtomicFile.write(Array(script.utf8), to: runtime, mode: 0o755)
            let unshare = try #require(findProgram("unshare"))
            let holder = try Subprocess(
                program: unshare,
                arguments: [
                    "unshare", "-m", "-n", "--propagation", "private", "sh", "-c", preparation, "-", directory.string,
                    overlaid.joined(separator: " "),
                ]
            ).spawn()
            let lab = EngineLab(directory: directory, runtime: runtime, host: host, holder: holder)
            var failure: (any Error)?
            do {
                for _ in 0..<200 where !FileSystem.exists(directory.appending("ready")) { try await Task.sleep(for: .milliseconds(25)) }
                try #require(FileSystem.exists(directory.appending("ready")), "the namespaces were not made")
                try await lab.makeImageArchive()
                try await body(lab)
            } catch { failure = error }
            // Mounts of engines end with the namespace.
            try holder.signal(SIGKILL)
            _ = try await holder.waitAsync()
            if let failure { throw failure }
        }
    }

    private func makeImageArchive() async throws {
        let root = host.bundle.appending("rootfs").string
        for name in ["wget", "httpd", "nslookup"] { symlink("busybox", root + "/bin/" + name) }
        try await tar(root, ["."], to: archive)
    }

    private func tar(_ directory: String, _ names: [String], to archive: FilePath) async throws {
        let made = try await runProgram(
            try #require(findProgram("tar")), ["-C", directory, "-cf", archive.string] + names, timeout: .seconds(60))
        #expect(made.status == .exited(0), "\(made.errorText)")
    }

    /// The root file system; `podman import` and `docker import` make an image of it.
    var archive: FilePath { directory.appending("image.tar") }

    /// An image as `docker save` writes it (image-spec of Docker, v1.2), for importers that take no bare root.
    func savedImage(_ reference: String, entrypoint: [String]) async throws -> FilePath {
        let place = directory.appending("saved-\(UInt32.random(in: 0 ... .max))")
        try FileSystem.makeDirectory(place)
        let sum = try await runProgram(try #require(findProgram("sha256sum")), [archive.string])
        let layer = String(sum.text.prefix { $0 != " " })
        let image: [String: Any] = [
            "architecture": "amd64", "os": "linux", "config": ["Env": ["PATH=/bin"], "Entrypoint": entrypoint, "WorkingDir": "/"],
            "rootfs": ["type": "layers", "diff_ids": ["sha256:" + layer]],
        ]
        let manifest: [[String: Any]] = [["Config": "image.json", "RepoTags": [reference], "Layers": ["layer.tar"]]]
        for (name, value) in [("image.json", image as Any), ("manifest.json", manifest as Any)] {
            try AtomicFile.write(Array(JSONSerialization.data(withJSONObject: value)), to: place.appending(name))
        }
        #expect(link(archive.string, place.appending("layer.tar").string) == 0)
        let saved = directory.appending("\(place.lastComponent?.string ?? "").tar")
        try await tar(place.string, ["image.json", "layer.tar", "manifest.json"], to: saved)
        return saved
    }

    /// Whose namespaces they are.
    var holderPID: Int32 { holder.pid }

    /// argv of a program in the namespaces.
    func inside(_ words: [String]) -> [String] { ["-m", "-n", "-t", "\(holder.pid)"] + words }

    @discardableResult
    func run(_ words: [String], timeout: Duration = .seconds(120)) async throws -> ProgramResult {
        try await runProgram(try #require(findProgram("nsenter")), inside(words), timeout: timeout)
    }

    /// A server in the namespaces, to be ended by its pid.
    func serve(_ words: [String], log: FilePath) throws -> ChildProcess {
        let output = SharedFD(try OwnedFD.open(log, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600))
        return try Subprocess(
            program: try #require(findProgram("nsenter")), arguments: ["nsenter"] + inside(words), descriptors: [1: output, 2: output]
        ).spawn()
    }

    /// What a web server in a container answers, as soon as it does.
    func fetch(_ address: String) async throws -> String {
        for _ in 0..<40 {
            let answer = try await run(["busybox", "wget", "-q", "-O", "-", address], timeout: .seconds(10))
            if answer.status == .exited(0) { return answer.text }
            try await Task.sleep(for: .milliseconds(250))
        }
        return ""
    }

    /// Builds an image and runs it: the step of the build, too, has the machine's kernel, not the host's.
    ///
    /// - Parameter engine: argv in front of a verb of docker or podman.
    func expectBuildsInMachines(_ engine: [String]) async throws {
        let context = directory.appending("context")
        try FileSystem.makeDirectory(context)
        let steps = "FROM \(Self.image)\nRUN uname -r >/made\nCMD cat /made; uname -r\n"
        try AtomicFile.write(Array(steps.utf8), to: context.appending("Dockerfile"))
        let build = try await run(engine + ["build", "--network", "none", "--tag", "localhost/made", context.string])
        #expect(build.status == .exited(0), "\(build.errorText)")
        let made = try await run(engine + ["run", "--rm", "--network", "none", "localhost/made"])
        let kernels = made.text.split(separator: "\n").map(String.init)
        let host = String(decoding: try FileSystem.read("/proc/sys/kernel/osrelease").dropLast(), as: UTF8.self)
        #expect(kernels.count == 2 && kernels.first == kernels.last && !kernels.contains(host), "\(kernels) \(made.errorText)")
    }
}
