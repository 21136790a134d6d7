// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension Hyperd {
    /// Whether a file is hyperd's: by its keys, which stand before any section and are spelt as nobody else spells them, or by its place.
    static func recognise(_ reading: RecognitionReading) -> Recognition? {
        let source = reading.source
        let isInPlace = source.path.components.suffix(2).map(\.string) == ["hyper", "config"]
        guard isInPlace || mayHaveTwo(source) else { return nil }
        let ini = HyperdINI(readingAll: source)
        let own = distinctive.filter { ini.entry($0) != nil }
        let isCertain = own.count >= 2 && ini.unreadable.isEmpty
        guard isCertain || isInPlace else { return nil }
        let releases = parse(source).partial?.releases ?? releases
        if isCertain {
            let reason = "it has the keys \(own.joined(separator: ", ")), which only hyperd has"
            return Recognition(dialect: id, confidence: .certain, reasons: [reason], releases: releases)
        }
        return Recognition(dialect: id, confidence: .likely, reasons: ["it is called hyper/config"], releases: releases)
    }

    /// Whether two lines begin as such keys do, quoted or not, which rules most files out before they are read.
    private static func mayHaveTwo(_ source: SourceText) -> Bool {
        let keys = distinctive.map { Array($0.utf8) }
        let isBeforeKey = { (byte: UInt8) in byte <= 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "`") }
        let found = (1...source.lineCount).lazy.filter { number in
            let line = source.bytes[source.offsets(ofLine: number)].drop(while: isBeforeKey)
            return keys.contains { line.starts(with: $0) }
        }
        return found.prefix(2).count == 2
    }

    private static let distinctive = [
        "Kernel", "Initrd", "Hypervisor", "StorageDriver", "StorageBaseSize", "VmFactoryPolicy", "gRPCHost", "BridgeIP", "DisableIptables",
        "EnableVsock",
    ]
}
