// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension RunV {
    /// Whether a file has runV called, or a bundle speaks to it. A file that only mentions the name is none of runV's.
    static func recognise(_ reading: RecognitionReading) -> Recognition? {
        guard let document = parse(reading.source).partial else { return nil }
        var reasons = document.calls.map(\.call.reason)
        if !document.environment.isEmpty { reasons.append("its process has variables that runV took for itself") }
        guard !reasons.isEmpty else { return nil }
        return Recognition(dialect: id, confidence: .certain, reasons: reasons, releases: document.releases ?? releases)
    }
}
