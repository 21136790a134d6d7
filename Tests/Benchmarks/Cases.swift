// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import Migrate
import SystemPackage

/// A file as a user names it.
private func source(_ path: FilePath) throws -> SourceText { SourceText(path: path, bytes: try FileSystem.read(path)) }

/// The files of fixtures that some dialect or engine claims, by what they are.
private func claimed() -> [(title: String, sources: [SourceText])] {
    var groups: [(title: String, sources: [SourceText])] = []
    let places = ["clear-containers", "runv", "hyperd", "frakti", "kata", "engines"].map { Repository.fixtures.appending($0) }
    for file in DocumentSearch(places.filter { FileSystem.exists($0) }).files {
        let conversion = Conversion(of: file.source, layout: TargetLayout())
        guard conversion.bytes != nil, let title = conversion.title else { continue }
        if let index = groups.firstIndex(where: { $0.title == title }) {
            groups[index].sources.append(file.source)
        } else {
            groups.append((title, [file.source]))
        }
    }
    return groups
}

/// Recognised, translated or edited, and written as text: all that `convert` does but for the files themselves.
func conversionBenchmarks() -> [Benchmark] {
    claimed().map { title, sources in
        let count = Double(sources.count)
        return Benchmark(
            name: "convert: \(title)", unit: "\(sources.count) files",
            baseline: ("read the text alone", { for source in sources { _ = SourceText(path: source.path, bytes: source.bytes) } }),
            // 1,000 files each second.
            bound: count,
            work: { for source in sources { _ = Conversion(of: source, layout: TargetLayout()).bytes } })
    }
}

/// One long file of an engine with registrations in its middle.
func editBenchmarks() -> [Benchmark] {
    let labels = (0..<32_000).map { "    \"label\($0)=a value of some length\"" }.joined(separator: ",\n")
    let text = "{\n  \"labels\": [\n\(labels)\n  ],\n  \"runtimes\": {\"cc\": {\"path\": \"/usr/bin/cc-runtime\"}}\n}\n"
    let daemon = SourceText(path: "/etc/docker/daemon.json", text: text)
    let size = "\(daemon.bytes.count / 1000) kB"
    return [
        Benchmark(
            name: "edit: daemon.json", unit: size, baseline: ("parse it as JSON", { _ = JSONDocument.parse(daemon) }), bound: nil,
            work: { _ = Conversion(of: daemon, layout: TargetLayout()).bytes })
    ]
}
