// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import SystemPackage
import Testing

@Suite("hypervisor.args of Clear Containers 2")
struct HypervisorArgumentsTests {
    private func read(_ text: String) -> HypervisorArguments {
        HypervisorArguments(reading: SourceText(path: "hypervisor.args", text: text))
    }

    @Test("a comment starts at a line's start or behind a blank, and blank lines count for nothing")
    func comments() {
        let read = read("# all\n  /usr/bin/qemu  # binary\r\n\n-name\nvm#1\n\t# more\n-x #")
        #expect(read.arguments.map(\.text) == ["/usr/bin/qemu", "-name", "vm#1", "-x"])
        #expect(read.binary?.range.start.line == 2 && read.binary?.range.start.column == 3)
        #expect(read.arguments.map(\.range.start.line) == [2, 4, 5, 7])
    }

    @Test("known tags are replaced wherever they stand, others stay")
    func tags() {
        let read = read("@QEMU@\n-append\n@A@ @B@\na@b\n@A@@A@\n@UNKNOWN@A@\n")
        let values = ["A": "1", "B": "x@y"]
        #expect(read.substituting(values) == ["@QEMU@", "-append", "1 x@y", "a@b", "11", "@UNKNOWN1"])
    }

    @Test(
        "sizes are what QEMU took them for",
        arguments: [
            ("-m\n2G,slots=2,maxmem=3G", 2048), ("-m\n512", 512), ("-m\nsize=1g", 1024), ("-m\n512M", 512), ("-m\n1T", 1_048_576),
            ("-m\n1\n-m\n3", 3), ("-m\n1025k", 2), ("-m\n9223372036854775807G", nil), ("-m\nmuch", nil), ("-m", nil), ("-smp\n2", nil),
        ] as [(String, Int64?)])
    func memory(_ text: String, _ size: Int64?) {
        #expect(read("qemu\n" + text).memoryMiB == size)
    }

    @Test("processors and machine are read by their implied keys or by name")
    func machine() {
        let short = read("qemu\n-machine\npc-lite,accel=kvm\n-smp\n2,sockets=1,cores=2")
        #expect(short.machineType == "pc-lite" && short.vcpus == 2)
        let long = read("qemu\n--machine\naccel=kvm,type=q35\n-smp\nsockets=1,cpus=4")
        #expect(long.machineType == "q35" && long.vcpus == 4)
        #expect(read("qemu").machineType == nil && read("").binary == nil)
    }

    @Test("each packaged file has the sizes that its release documents", .needs(.corpus))
    func packaged() throws {
        let directory = Corpus.root.appending("clear-containers").appending("2.x").appending("packaging")
        let names = try FileSystem.list(directory).filter { $0.hasPrefix("hypervisor.args") }
        #expect(!names.isEmpty)
        for name in names {
            let read = HypervisorArguments(reading: SourceText(path: "a", bytes: try FileSystem.read(directory.appending(name))))
            #expect(read.binary?.text == "@QEMU_PATH@", "\(name)")
            #expect(read.memoryMiB == 2048 && read.vcpus == 2 && read.machineType == "pc-lite", "\(name)")
            #expect(read.substituting(["KERNEL": "/k"]).contains("/k"), "\(name)")
        }
    }
}
