// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension ClearContainersV3 {
    /// Whether a document is of this dialect: by tables that only Clear Containers had, by its directory, or by the files it names.
    static func recognise(_ reading: RecognitionReading) -> Recognition? {
        let root = reading.root
        let own = root.map(ownTables) ?? []
        let katas = root.map(kataTables) ?? []
        var reasons = own.map { "it has a table [\($0)], which only Clear Containers has" }
        let confidence: Recognition.Confidence
        switch (own.isEmpty, katas.isEmpty) {
        case (false, true): confidence = .certain
        case (false, false):
            // Kata up to 1.6 took Clear Containers' tables too, so a file may be half converted by hand.
            confidence = .possible
            reasons += katas.map { "it also has a table [\($0)], which is Kata's" }
        case (true, false): return nil
        case (true, true):
            reasons = circumstances(reading.source, root)
            if reasons.isEmpty { return nil }
            confidence = .likely
        }
        let releases = parse(reading.source, isTrial: true).partial?.releases ?? releases
        return Recognition(dialect: id, confidence: confidence, reasons: reasons, releases: releases)
    }

    private static func ownTables(_ root: TOMLTable) -> [String] {
        [proxyTable, shimTable, agentTable, hyperstartTable].filter { root.value(at: $0)?.table != nil }.map { $0.joined(separator: ".") }
    }

    private static func kataTables(_ root: TOMLTable) -> [String] {
        [["proxy", "kata"], ["shim", "kata"], ["agent", "kata"], ["factory"], ["netmon"]]
            .filter { root.value(at: $0)?.table != nil }.map { $0.joined(separator: ".") }
    }

    /// What points to Clear Containers without proving it.
    private static func circumstances(_ source: SourceText, _ root: TOMLTable?) -> [String] {
        var reasons: [String] = []
        // A broken configuration is still one, a licence beside it is not.
        if source.path.extension == "toml", source.path.components.dropLast().contains(where: { $0.string == "clear-containers" }) {
            reasons.append("it lies in a directory clear-containers")
        }
        for name in ["path", "kernel", "image"] {
            guard let file = root?.value(at: hypervisorTable + [name])?.string else { continue }
            if file.contains("/clear-containers/") || file.contains("qemu-lite") {
                reasons.append("its hypervisor.qemu.\(name) is a file of Clear Containers")
            }
        }
        return reasons
    }
}
