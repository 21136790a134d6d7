// SPDX-License-Identifier: Apache-2.0

import FuzzTargets
import KataSystem
import KataTestSupport
import SystemPackage
import Testing

@Suite struct SeedTests {
    /// Inputs that once trapped a target, each in fixtures/fuzz/<target>; a target's seeds are cases of other tests.
    private static func files(of target: FuzzTarget) throws -> [[UInt8]] {
        let known = try (["fuzz/\(target.name)"] + target.seeds).flatMap { try files(below: Repository.fixtures.appending($0)) }
        return known
    }

    private static func files(below directory: FilePath) throws -> [[UInt8]] {
        guard try FileSystem.targetStatus(directory)?.kind == .directory else { return [] }
        return try FileSystem.list(directory).flatMap { name -> [[UInt8]] in
            let path = directory.appending(name)
            guard let status = try FileSystem.status(path) else { return [] }
            switch status.kind {
            case .directory: return try files(below: path)
            case .file: return status.size <= 1 << 13 ? [try FileSystem.read(path)] : []
            default: return []
            }
        }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func everySeedKeepsTheLawsOfItsTarget(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let seeds = try Self.files(of: target)
        #expect(!seeds.isEmpty, "\(name) has no seeds")
        for seed in seeds { target.run(seed) }
    }

    /// Without coverage, but in each run of the tests: bytes changed, doubled, left out.
    @Test(arguments: FuzzTarget.all.map(\.name))
    func damagedSeedsKeepTheLawsToo(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        var random = SystemRandomNumberGenerator()
        for seed in try Self.files(of: target).filter({ $0.count < 4096 }).shuffled().prefix(10) {
            for _ in 0..<3 { target.run(damaged(seed, &random)) }
        }
    }

    private func damaged(_ seed: [UInt8], _ random: inout SystemRandomNumberGenerator) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + 16))
            case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 64)], at: place)
            default: bytes.insert(UInt8(ascii: "\n"), at: place)
            }
        }
        return bytes
    }

    @Test func namesAreOfOneKind() {
        #expect(Set(FuzzTarget.all.map(\.name)).count == FuzzTarget.all.count)
        #expect(FuzzTarget.all.allSatisfy { $0.name.allSatisfy { $0.isLetter || $0.isNumber || "-.".contains($0) } })
    }
}
