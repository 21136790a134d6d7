// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
@testable import Migrate
import SystemPackage
import Testing

/// What package managers keep of their files, and what was edited since.
@Suite struct PackagedFileTests {
    private let host = HostFixture.clearContainersDocker
    private let packaged: FilePath = "/usr/share/defaults/clear-containers/configuration.toml"

    /// RFC 1321, A.5, and the lengths at which the padding takes another block.
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890", "57edf4a22be3c955ac49da2e2107b67a"
        ),
        (String(repeating: "a", count: 55), "ef1772b6dff9a122358552954ad0df65"),
        (String(repeating: "a", count: 56), "3b0c8ac703f828b04c6c197006d17218"),
        (String(repeating: "a", count: 64), "014842d480b571495a4a0363793f7367"),
    ])
    func md5(text: String, digits: String) { #expect(MD5.digits(of: Array(text.utf8)) == digits) }

    @Test func aCopyThatWasEditedIsToldFromThePackagesOwn() throws {
        try host.withTree { root in
            func edits() throws -> [String: ConfigurationFile.Edits] {
                Dictionary(try host.scan(root).configurations.map { ($0.path.string, $0.edits) }, uniquingKeysWith: { $1 })
            }
            let copy: FilePath = "/etc/clear-containers/configuration.toml"
            #expect(try edits() == [copy.string: .local, packaged.string: .none])
            try AtomicFile.write(try FileSystem.read(root.pushing(packaged.removingRoot())), to: root.pushing(copy.removingRoot()))
            #expect(try edits() == [copy.string: .none, packaged.string: .none])
            // Users edit the packaged file itself as well.
            try AtomicFile.write(Array("[hypervisor.qemu]\n".utf8), to: root.pushing(packaged.removingRoot()))
            #expect(try edits() == [copy.string: .none, packaged.string: .local])
            try FileSystem.removeTree(root.appending("var/lib/dpkg/info"))
            #expect(try edits() == [copy.string: .unknown, packaged.string: .unknown])
        }
    }

    @Test func dpkgHasTheDigestsOfItsConffiles() throws {
        let status = """
            Package: kata-runtime
            Status: install ok installed
            Conffiles:
             /etc/kata-containers/configuration.toml 0123456789abcdef0123456789abcdef
             /etc/old.conf 0123456789abcdef0123456789abcdef obsolete
            Version: 1.12.1-1
            Description: a runtime
             /not a conffile

            Package: other
            Status: install ok installed
            Version: 1

            """
        let found = InstalledPackage.installed(inStatus: Array(status.utf8))
        #expect(found.map(\.name) == ["kata-runtime", "other"])
        #expect(found[0].digests.map(\.key) == ["/etc/kata-containers/configuration.toml"] && found[1].digests.isEmpty)
    }

    @Test(arguments: [(nil, FileDigest.Algorithm.md5), (1, .md5), (8, .sha256), (10, nil)] as [(UInt32?, FileDigest.Algorithm?)])
    func rpmHasTheDigestsOfItsFiles(algorithm: UInt32?, expected: FileDigest.Algorithm?) {
        var header = HeaderBytes()
        header.add(texts: ["4a", "", "5b"], as: 1035)
        header.add(numbers: [1, 0, 1], as: 1116)
        header.add(texts: ["configuration.toml", "kata-containers", "other.toml"], as: 1117)
        header.add(texts: ["/usr/share/", "/usr/share/kata-containers/"], as: 1118)
        if let algorithm { header.add(numbers: [algorithm], as: 5011) }
        let found = RPMHeader.digests(of: header.bytes)
        #expect(
            found
                == (expected.map {
                    [
                        "/usr/share/kata-containers/configuration.toml": FileDigest(algorithm: $0, digits: "4a"),
                        "/usr/share/kata-containers/other.toml": FileDigest(algorithm: $0, digits: "5b"),
                    ]
                } ?? [:]))
        for length in header.bytes.indices { _ = RPMHeader.digests(of: Array(header.bytes[..<length])) }
    }

    /// A header as rpm's databases have it.
    private struct HeaderBytes {
        private var entries: [[UInt32]] = []
        private var store: [UInt8] = []

        mutating func add(texts: [String], as tag: UInt32) {
            entries.append([tag, 8, UInt32(store.count), UInt32(texts.count)])
            for text in texts { store += Array(text.utf8) + [0] }
        }

        mutating func add(numbers: [UInt32], as tag: UInt32) {
            store += [UInt8](repeating: 0, count: (4 - store.count % 4) % 4)
            entries.append([tag, 4, UInt32(store.count), UInt32(numbers.count)])
            for number in numbers { withUnsafeBytes(of: number.bigEndian) { store += $0 } }
        }

        var bytes: [UInt8] {
            ([UInt32(entries.count), UInt32(store.count)] + entries.flatMap(\.self)).flatMap { word in
                withUnsafeBytes(of: word.bigEndian) { Array($0) }
            } + store
        }
    }
}
