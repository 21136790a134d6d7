// SPDX-License-Identifier: Apache-2.0

import Compat
import KataSystem
import KataTestSupport
import KataText
import Migrate
import SystemPackage

/// A file as a user names it.
private func source(_ path: FilePath) throws -> SourceText { SourceText(path: path, bytes: try FileSystem.read(path)) }

extension SourceText {
    /// As just read from the disk: what was found of a text is not found again.
    fileprivate var anew: SourceText { SourceText(path: path, bytes: bytes) }
}

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
    func benchmark(_ title: String, _ sources: [SourceText], bound: Double?) -> Benchmark {
        Benchmark(
            name: "convert: \(title)", unit: "\(sources.count) files",
            baseline: ("read the text alone", { for source in sources { _ = source.anew } }), bound: bound,
            work: { for source in sources { _ = Conversion(of: source.anew, layout: TargetLayout()).bytes } })
    }
    let groups = claimed()
    let all = groups.flatMap(\.sources)
    // 1,000 files each second.
    return groups.map { benchmark($0.title, $0.sources, bound: nil) } + [benchmark("all of them", all, bound: Double(all.count))]
}

/// Long files of engines with a registration behind everything else.
func editBenchmarks() -> [Benchmark] {
    let labels = (0..<25_000).map { "    \"label\($0)=a value of some length\"" }.joined(separator: ",\n")
    let daemon = SourceText(
        path: "/etc/docker/daemon.json",
        text: "{\n  \"labels\": [\n\(labels)\n  ],\n  \"runtimes\": {\"cc\": {\"path\": \"/usr/bin/cc-runtime\"}}\n}\n")
    let mirrors = (0..<7400).map {
        """
        [plugins."io.containerd.grpc.v1.cri".registry.mirrors."registry\($0).example"]
          endpoint = ["https://mirror\($0).example"]  # the nearest

        """
    }
    let handler = """
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.cc]
          runtime_type = "io.containerd.runc.v2"
          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.cc.options]
            BinaryName = "/usr/bin/cc-runtime"

        """
    let containerd = SourceText(path: "/etc/containerd/config.toml", text: "version = 2\n" + mirrors.joined() + handler)
    return [
        edit("daemon.json", daemon, beside: ("parse it as JSON", { _ = JSONDocument.parse(daemon.anew) })),
        edit("containerd's config.toml", containerd, beside: ("parse it as TOML", { _ = TOMLDocument.parse(containerd.anew) })),
    ]
}

private func edit(_ name: String, _ source: SourceText, beside baseline: (name: String, work: () -> Void)) -> Benchmark {
    // An edit that does nothing would be quick.
    precondition(Conversion(of: source, layout: TargetLayout()).bytes.map { $0 != source.bytes } ?? false, "\(name) is not edited")
    return Benchmark(
        name: "edit: \(name)", unit: "\(source.bytes.count / 1000) kB", baseline: baseline, bound: 50,
        work: { _ = Conversion(of: source.anew, layout: TargetLayout()).bytes })
}
