// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

/// A file of the host as a block device, for as long as the body runs.
struct LoopDevice {
    let path: String
    let image: FilePath

    static func with(_ image: FilePath, _ body: (LoopDevice) async throws -> Void) async throws {
        let losetup = try #require(findProgram("losetup"))
        let made = try await runProgram(losetup, ["--find", "--show", image.string])
        let path = try #require(made.text.split(separator: "\n").first.map(String.init), "\(made.errorText)")
        var failure: (any Error)?
        do { try await body(LoopDevice(path: path, image: image)) } catch { failure = error }
        #expect(try await runProgram(losetup, ["--detach", path]).status == .exited(0))
        let left = try await runProgram(losetup, ["--associated", image.string])
        #expect(left.text == "", "the device is still in use")
        if let failure { throw failure }
    }

    var numbers: (major: Int, minor: Int) {
        get throws {
            let number = try #require(try FileSystem.targetStatus(FilePath(path))).deviceNumber
            return (Int(number >> 8 & 0xfff), Int(number & 0xff))
        }
    }
}

extension MachineTests {
    @Suite(.needs(.program("losetup"), .program("mkfs.ext4"))) struct VolumeTests {
        private static func makeImage(_ host: MachineHost) async throws -> FilePath {
            let image = host.directory.appending("image")
            let made = try await runProgram(
                try #require(findProgram("mkfs.ext4")), ["-q", "-F", "-d", host.bundle.appending("rootfs/etc").string, image.string, "8M"])
            #expect(made.status == .exited(0), "\(made.errorText)")
            return image
        }

        @Test func aFileSystemOnABlockDeviceIsMountedInTheGuest() async throws {
            try await withMachineHost(leaving: "volume") { host in
                try await LoopDevice.with(try await Self.makeImage(host)) { device in
                    let script = """
                        grep -c '^/dev/vd. /vol ext4 .*nosuid' /proc/self/mounts
                        head -n1 /vol/passwd
                        echo kept >/vol/new; sync
                        """
                    try host.specify(["sh", "-c", script]) { document in
                        var mounts = document["mounts"] as? [[String: Any]] ?? []
                        mounts.append(["destination": "/vol", "type": "ext4", "source": device.path, "options": ["nosuid", "noatime"]])
                        document["mounts"] = mounts
                    }
                    let result = try await host.kata("run", "--bundle", host.bundle.string, "volume")
                    #expect(result.text == "1\nroot:x:0:0:root:/:/bin/sh\n", "\(result.errorText)")
                    try host.specify(["sh", "-c", "head -n1 /vol/new; echo no >/vol/new"]) { document in
                        var mounts = document["mounts"] as? [[String: Any]] ?? []
                        mounts.append(["destination": "/vol", "type": "ext4", "source": device.path, "options": ["ro"]])
                        document["mounts"] = mounts
                    }
                    let again = try await host.kata("run", "--bundle", host.bundle.string, "volume")
                    #expect(again.text == "kept\n" && again.errorText.contains("Read-only file system"), "\(again.text) \(again.errorText)")
                }
            }
        }

        @Test func aBlockDeviceIsANodeInTheContainerWhereverItIsNamed() async throws {
            try await withMachineHost(leaving: "node") { host in
                try await LoopDevice.with(try await Self.makeImage(host)) { device in
                    let (major, minor) = try device.numbers
                    let script = """
                        for place in /dev/xvda /raw; do test -b $place && dd if=$place bs=1 skip=1080 count=2 2>/dev/null | od -An -tx1; done
                        printf written | dd of=/dev/xvda bs=1 seek=512 conv=notrunc 2>/dev/null; sync; echo $?
                        """
                    try host.specify(["busybox", "sh", "-c", script]) { document in
                        var mounts = document["mounts"] as? [[String: Any]] ?? []
                        mounts.append(["destination": "/raw", "type": "bind", "source": device.path, "options": ["bind", "ro"]])
                        document["mounts"] = mounts
                        var linux = document["linux"] as? [String: Any] ?? [:]
                        linux["devices"] = [["path": "/dev/xvda", "type": "b", "major": major, "minor": minor, "fileMode": 0o600]]
                        linux["resources"] = [
                            "devices": [
                                ["allow": false, "access": "rwm"],
                                ["allow": true, "type": "b", "major": major, "minor": minor, "access": "rwm"],
                            ]
                        ]
                        document["linux"] = linux
                        var process = document["process"] as? [String: Any] ?? [:]
                        process["env"] = ["PATH=/bin"]
                        document["process"] = process
                    }
                    for applet in ["od", "printf"] { symlink("busybox", host.bundle.appending("rootfs/bin").appending(applet).string) }
                    let result = try await host.kata("run", "--bundle", host.bundle.string, "node")
                    // The magic number of ext4; the bind mount's device has no rule of its own.
                    #expect(result.text.hasPrefix(" 53 ef\n"), "\(result.text) \(result.errorText)")
                    #expect(result.text.hasSuffix("0\n"), "\(result.text) \(result.errorText)")
                    let bytes = try FileSystem.read(device.image)
                    #expect(String(decoding: bytes[512..<519], as: UTF8.self) == "written")
                }
            }
        }

        @Test func aNodeOfNothingIsNoDiskOfTheGuest() async throws {
            try await withMachineHost(leaving: "stranger") { host in
                try host.specify(["grep", " virtblk$", "/proc/devices"])
                let drivers = try await host.kata("run", "--bundle", host.bundle.string, "stranger").text
                let major = try #require(drivers.split(separator: " ").first.flatMap { Int($0) }, "\(drivers)")
                try host.specify(["true"]) { document in
                    var linux = document["linux"] as? [String: Any] ?? [:]
                    linux["devices"] = [["path": "/dev/stranger", "type": "b", "major": major, "minor": 4000, "fileMode": 0o600]]
                    document["linux"] = linux
                }
                let refused = try await host.kata("run", "--bundle", host.bundle.string, "stranger")
                #expect(refused.errorText.contains("the guest's disks have such numbers"), "\(refused.errorText)")
            }
        }

        @Test func aDiskOfAContainerGoesWithItAndThePodsMachineGoesOn() async throws {
            try await withMachineHost(leaving: "disks") { host in
                let disks = "ls /sys/block | grep -c ^vd"
                try host.specify(["sleep", "600"])
                _ = try await host.create("disks")
                try await host.kata("start", "disks")
                let stub = try #require(try host.processes("disks")["stub"])
                var member = host
                member.bundle = host.directory.appending("member")
                try BusyboxBundle.makeRoot(member.bundle.appending("rootfs"))
                // More of them than the machine has free ports.
                for round in 1...5 {
                    try await LoopDevice.with(try await Self.makeImage(host)) { device in
                        try member.specify(["sh", "-c", "head -n1 /vol/passwd; \(disks)"]) { document in
                            document["hostname"] = nil
                            document["annotations"] = [
                                "io.kubernetes.cri-o.ContainerType": "container", "io.kubernetes.cri-o.SandboxID": "disks",
                            ]
                            mount(&document, "/vol", type: "ext4", source: device.path, ["ro"])
                            document["linux"] = [
                                "namespaces": [["type": "mount"], ["type": "pid"]]
                                    + [("network", "net"), ("ipc", "ipc"), ("uts", "uts")].map {
                                        ["type": $0, "path": "/proc/\(stub.pid)/ns/\($1)"]
                                    }
                            ]
                        }
                        let result = try await member.kata("run", "--bundle", member.bundle.string, "member")
                        #expect(result.text == "root:x:0:0:root:/:/bin/sh\n1\n", "round \(round): \(result.text) \(result.errorText)")
                    }
                    #expect(try await host.kata("exec", "disks", "sh", "-c", disks).text == "0\n", "the guest has let it go")
                }
                #expect(try await host.kata("delete", "--force", "disks").status == .exited(0))
            }
        }

        @Test func anOverlayHasItsLayersAndItsChangesStayInTheUpperOne() async throws {
            try await withMachineHost(leaving: "overlay") { host in
                let layers = host.bundle.appending("layers")
                for name in ["low", "up", "work"] { try FileSystem.makeDirectory(layers.appending(name)) }
                try AtomicFile.write(Array("below\n".utf8), to: layers.appending("low/file"), mode: 0o644)
                try AtomicFile.write(Array("gone\n".utf8), to: layers.appending("low/other"), mode: 0o644)
                let script = "cat /over/file; echo above >/over/file; busybox rm /over/other; ls /over"
                try host.specify(["sh", "-c", script]) { document in
                    var mounts = document["mounts"] as? [[String: Any]] ?? []
                    mounts.append([
                        "destination": "/over", "type": "overlay", "source": "overlay",
                        "options": ["lowerdir=layers/low", "upperdir=layers/up", "workdir=layers/work"],
                    ])
                    document["mounts"] = mounts
                }
                let result = try await host.kata("run", "--bundle", host.bundle.string, "overlay")
                #expect(result.text == "below\nfile\n", "\(result.errorText)")
                #expect(String(decoding: try FileSystem.read(layers.appending("up/file")), as: UTF8.self) == "above\n")
                #expect(String(decoding: try FileSystem.read(layers.appending("low/file")), as: UTF8.self) == "below\n")
            }
        }

        @Test func aDisksLimitsHoldInTheGuestAndThoseOfOtherDevicesAreToldOf() async throws {
            try await withMachineHost(leaving: "throttled") { host in
                try await LoopDevice.with(try await Self.makeImage(host)) { device in
                    let (major, minor) = try device.numbers
                    func rate(_ bytes: Int, _ minor: Int) -> [String: Any] { ["major": major, "minor": minor, "rate": bytes] }
                    try host.specify(["sleep", "600"]) { document in
                        mount(&document, "/vol", type: "ext4", source: device.path)
                        mount(&document, "/sys/fs/cgroup", type: "cgroup", source: "cgroup", ["ro"])
                        change(&document, "linux") {
                            $0["namespaces"] = ["pid", "network", "ipc", "uts", "mount", "cgroup"].map { ["type": $0] }
                            $0["resources"] = [
                                "blockIO": [
                                    "leafWeight": 100, "throttleReadBpsDevice": [rate(1 << 20, minor), rate(1 << 20, 1 << 12)],
                                    "throttleWriteIOPSDevice": [rate(9, minor)],
                                ]
                            ]
                        }
                    }
                    let log = host.directory.appending("log")
                    _ = try await host.create("throttled", log: log)
                    let said = String(decoding: try FileSystem.read(log), as: UTF8.self)
                    #expect(said.contains("device \(major):\(1 << 12) are not applied") && said.contains("leaf weights"), "\(said)")
                    try await host.kata("start", "throttled")
                    let disk = try await host.kata("exec", "throttled", "sh", "-c", "cat /sys/block/vd*/dev").text.dropLast()
                    let limits = ["exec", "throttled", "cat", "/sys/fs/cgroup/io.max"]
                    func now() async throws -> String {
                        try await runProgram(MachineHost.runtime, host.arguments(limits)).text
                    }
                    #expect(try await now() == "\(disk) rbps=1048576 wbps=max riops=max wiops=9\n")
                    func update(_ minor: Int) async throws -> ProgramResult {
                        let document = ["blockIO": ["throttleReadBpsDevice": [rate(1 << 21, minor)]]]
                        return try await host.kata(
                            "update", "-r", "-", "throttled", input: Array(JSONSerialization.data(withJSONObject: document)))
                    }
                    let updated = try await update(minor)
                    #expect(updated.status == .exited(0), "\(updated.errorText)")
                    #expect(try await now() == "\(disk) rbps=2097152 wbps=max riops=max wiops=9\n")
                    let refused = try await update(1 << 12)
                    #expect(refused.errorText.contains("no disk of the container's virtual machine"), "\(refused.errorText)")
                    #expect(try await host.kata("delete", "--force", "throttled").status == .exited(0))
                }
            }
        }
    }
}
