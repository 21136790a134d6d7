// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
@testable import Migrate
import SystemPackage
import Testing

/// Every file of the legacy systems that is a configuration becomes one of today, or is reported with a reason.
@Suite(.needs(.corpus)) struct CorpusConfigurationTests {
    /// The parts of the corpus with files as the systems had them; the others are trees of records, and a suite for TOML.
    private static let parts = ["clear-containers", "runv"]

    /// What is no configuration, and what it is.
    private static let foreign: [(beginning: String, what: String)] = [
        ("clear-containers/2.x/state/", "a record of a container"),
        ("clear-containers/2.x/packaging/", "a script, a unit or a template of a package"),
        ("clear-containers/state-3.0/", "a record of a sandbox"), ("clear-containers/systemd/", "a unit of the proxy"),
        ("runv/goconfig-testdata/", "tests of an INI reader"), ("runv/hyperd/v1.1.0/hyperd.service", "a unit of the daemon"),
        ("runv/hyperd/v1.1.0/hyper-vmlogd.service", "a unit of another daemon"),
        ("runv/hyperd/v0.6.2/hyperd.service", "a unit of the daemon"), ("runv/written-from-structs/", "a record of a sandbox"),
    ]

    /// Every file below a directory, by its path below the corpus: without the search that is tested.
    private static func files(below path: String) throws -> [String] {
        let directory = Corpus.root.pushing(FilePath(path))
        return try FileSystem.list(directory).flatMap { name -> [String] in
            let own = "\(path)/\(name)"
            return try FileSystem.status(Corpus.root.pushing(FilePath(own)))?.kind == .directory ? try files(below: own) : [own]
        }
    }

    private static func foreignness(_ path: String) -> String? { foreign.first { path.hasPrefix($0.beginning) }?.what }

    @Test func everyConfigurationIsConvertedOrRefusedWithAReason() throws {
        let paths = try Self.parts.flatMap(Self.files)
        #expect(paths.count > 150)
        for path in paths {
            let source = SourceText(path: FilePath("/\(path)"), bytes: try FileSystem.read(Corpus.root.pushing(FilePath(path))))
            let conversion = Conversion(of: source, layout: TargetLayout())
            if conversion.bytes == nil {
                let errors = conversion.diagnostics.filter { $0.severity == .error }
                #expect(errors.contains { $0.path == source.path && !$0.message.isEmpty }, "\(path) is dropped without a word")
            }
            guard Self.foreignness(path) == nil else { continue }
            #expect(conversion.title != nil, "\(path) is claimed by nobody")
            // Of a file of an engine runV had a few words only.
            for loss in conversion.translation.map({ $0.dialect == RunV.id ? [] : Self.unaccounted($0) }) ?? [] {
                Issue.record("\(path): '\(loss)' is dropped silently")
            }
        }
    }

    @Test func whatIsCalledNoConfigurationIsThere() throws {
        let paths = try Self.parts.flatMap(Self.files)
        for entry in Self.foreign { #expect(paths.contains { $0.hasPrefix(entry.beginning) }, "\(entry)") }
    }

    @Test func aDirectoryOfAllThatIsWalkedWhole() throws {
        let paths = try Self.parts.flatMap(Self.files).filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
        let search = DocumentSearch(Self.parts.map { Corpus.root.appending($0) })
        let met = search.files.map(\.source.path) + search.diagnostics.compactMap(\.path)
        #expect(Set(paths.map { Corpus.root.pushing(FilePath($0)) }).subtracting(met) == [])
        let set = ConversionSet(of: search, layout: TargetLayout())
        #expect(set.members.reduce(0) { $0 + $1.conversion.sources.count } == search.files.count)
    }

    /// The keys of a TOML file of which nothing says what became of them.
    private static func unaccounted(_ translation: Translation) -> [String] {
        translation.sources.flatMap { source -> [String] in
            guard source.path.extension == "toml", let root = TOMLDocument.parse(source).partial?.root else { return [] }
            let places = Set(translation.provenance.filter { $0.file == source.path }.compactMap(\.range).map(\.start.offset))
            return keys(of: root).filter { !places.contains($0.keyRange.start.offset) }.map(\.key)
        }
    }

    private static func keys(of table: TOMLTable) -> [TOMLEntry] {
        table.entries.flatMap { entry in entry.value.table.map(keys) ?? [entry] }
    }
}
