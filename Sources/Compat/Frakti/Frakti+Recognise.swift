// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension Frakti {
    /// Whether a file starts frakti. One that only mentions it is none of frakti's.
    static func recognise(_ reading: RecognitionReading) -> Recognition? {
        guard let document = parse(reading.source).partial, !document.calls.isEmpty else { return nil }
        return Recognition(dialect: id, confidence: .certain, reasons: ["it starts frakti"], releases: document.releases ?? releases)
    }
}
