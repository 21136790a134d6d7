// SPDX-License-Identifier: Apache-2.0

import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// rpm's databases as files.
@Suite struct PackageDatabaseTests {
    private static let directory = Repository.fixtures.appending("rpm")

    private func bytes(_ name: String) throws -> [UInt8] { try FileSystem.read(Self.directory.appending(name)) }

    private func berkeley(_ bytes: [UInt8]) throws -> (names: [String], flaws: Int) {
        let (found, flaws) = try RPMDatabase.packages(of: BerkeleyHash(bytes)) { _ in true }
        return (found.map { "\($0.name) \($0.version)" }, flaws.count)
    }

    private func sqlite(_ bytes: [UInt8]) throws -> (names: [String], flaws: Int) {
        var names: [String] = []
        let flaws = try SQLiteTable(named: "Packages", in: bytes).forEachBlob { blob in
            if let header = RPMHeader(blob) { names.append("\(header.name) \(header.version)") }
        }
        return (names.sorted(), flaws)
    }

    @Test func everyPackageOfBerkeleyDBIsRead() throws {
        let read = try berkeley(bytes("Packages"))
        #expect(read.flaws == 0)
        #expect(
            read.names == [
                "bash 4.2.46-30.el7", "cc-proxy 3.0.23+git.3cebe5e-27.1", "cc-runtime 3.0.23+git.64d2226-27.1",
                "cc-shim 3.0.23+git.205ecf7-27.1", "clear-containers-image 20640+git.ad0daee-48.1",
                "clear-containers-selinux 0.1+git.d9fe0d0-2.1", "cri-o 1:1.9.10-1.git8723732.el7", "kernel 3.10.0-862.el7",
                "kubelet 1.9.6-0", "linux-container 4.14.22-86.1", "qemu-lite 2.7.1+git.741f430a96-6.1",
            ])
    }

    @Test func everyPackageOfSQLiteIsRead() throws {
        let read = try sqlite(bytes("rpmdb.sqlite"))
        #expect(read.flaws == 0)
        #expect(read.names.count == 14)
        #expect(read.names.filter { $0.hasPrefix("kata") } == ["kata-agent 1.11.3-1.fc33", "kata-runtime 1.11.3-1.fc33"])
    }

    @Test func pagesOfAnotherSizeAreRead() throws {
        let small = try berkeley(bytes("small/Packages"))
        #expect(small.names == ["bash 4.2.46-30.el7", "cc-runtime 3.0.11-6.1"] && small.flaws == 0)
        let other = try sqlite(bytes("small/rpmdb.sqlite"))
        #expect(other.names == ["bash 5.0.17-2.fc33", "filler 1-1", "kata-runtime 1.11.3-1.fc33"] && other.flaws == 0)
    }

    @Test func whatIsNoDatabaseIsSaidSo() throws {
        for other in [[], [0], Array("packages of this host\n".utf8), [UInt8](repeating: 0xFF, count: 8192)] {
            #expect(throws: BerkeleyHash.Flaw.notADatabase) { try BerkeleyHash(other) }
            #expect(throws: SQLiteTable.Flaw.notADatabase) { try SQLiteTable(named: "Packages", in: other) }
        }
        var swapped = try bytes("Packages")
        swapped[12..<16].reverse()
        #expect(throws: BerkeleyHash.Flaw.otherByteOrder) { try BerkeleyHash(swapped) }
        #expect(throws: SQLiteTable.Flaw.noSuchTable) { try SQLiteTable(named: "Sigmd5", in: try bytes("rpmdb.sqlite")) }
    }

    @Test func aDamagedPageCostsItsPackagesOnly() throws {
        var database = try bytes("Packages")
        let whole = try berkeley(database).names.count
        // Items that would overlap the head of the first page of the hash.
        let page = try #require((1..<(database.count / 4096)).first { database[$0 * 4096 + 25] == 2 || database[$0 * 4096 + 25] == 13 })
        database[page * 4096 + 20] = 0xFF
        database[page * 4096 + 21] = 0xFF
        let read = try berkeley(database)
        #expect(read.flaws == 1 && read.names.count < whole && !read.names.isEmpty)
    }

    @Test func noBytesTrapTheReaders() throws {
        var random = SystemRandomNumberGenerator()
        for (name, read) in [
            ("Packages", berkeley), ("rpmdb.sqlite", sqlite), ("small/Packages", berkeley), ("small/rpmdb.sqlite", sqlite),
        ] {
            let seed = try bytes(name)
            for _ in 0..<200 {
                var mutated = seed
                for _ in 0..<12 { mutated[Int.random(in: 0..<mutated.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
                _ = try? read(mutated)  // it may be no database any more
                _ = try? read(Array(seed.prefix(Int.random(in: 0..<seed.count, using: &random))))
            }
        }
    }

    @Test func aHostOfRPMKnowsItsPackages() async throws {
        try await withTemporaryDirectory { root in
            let directory = root.appending("var/lib/rpm")
            try FileSystem.makeDirectory(directory)
            try AtomicFile.write(try bytes("Packages"), to: directory.appending("Packages"))
            let scan = HostScan(of: try HostView(root: root, facts: .unknown))
            #expect(scan.knowsPackages)
            #expect(scan.packages.map(\.name).contains("cc-runtime") && !scan.packages.map(\.name).contains("bash"))
            #expect(scan.systems.first?.version == "3.0.23+git.64d2226-27.1")
            try FileSystem.remove(directory.appending("Packages"))
            try AtomicFile.write(Array("no database".utf8), to: directory.appending("Packages"))
            let blind = HostScan(of: try HostView(root: root, facts: .unknown))
            #expect(!blind.knowsPackages)
            #expect(blind.diagnostics.contains { $0.code == "MIG040" && $0.path == "/var/lib/rpm/Packages" })
        }
    }
}
