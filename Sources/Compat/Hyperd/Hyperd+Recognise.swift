// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension Hyperd {
    /// Whether a file is hyperd's: by its keys, which stand before any section and are spelt as nobody else spells them, or by its place.
    static func recognise(_ reading: RecognitionReading) -> Recognition? {
        let source = reading.source
        let ini = HyperdINI(readingAll: source)
        let own = distinctive.filter { ini.entry($0) != nil }
        let isInPlace = source.path.components.suffix(2).map(\.string) == ["hyper", "config"]
        let isCertain = own.count >= 2 && ini.unreadable.isEmpty
        guard isCertain || isInPlace else { return nil }
        let releases = parse(source).partial?.releases ?? releases
        if isCertain {
            let reason = "it has the keys \(own.joined(separator: ", ")), which only hyperd has"
            return Recognition(dialect: id, confidence: .certain, reasons: [reason], releases: releases)
        }
        return Recognition(dialect: id, confidence: .likely, reasons: ["it is called hyper/config"], releases: releases)
    }

    private static let distinctive = [
        "Kernel", "Initrd", "Hypervisor", "StorageDriver", "StorageBaseSize", "VmFactoryPolicy", "gRPCHost", "BridgeIP", "DisableIptables",
        "EnableVsock",
    ]
}
