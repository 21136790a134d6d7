// SPDX-License-Identifier: Apache-2.0
public import KataText

/// The dialects that can be read.
public enum Registry {
    /// All of them, oldest system first.
    public static let dialects: [Dialect] = [ClearContainersV3.dialect]

    /// The dialect of that name.
    public static func dialect(_ id: Dialect.ID) -> Dialect? { dialects.first { $0.id == id } }

    /// What a document may be, the surest first; empty when no legacy dialect claims it.
    ///
    /// Today's own files are claimed by none, so that they are never translated by mistake.
    public static func recognise(_ source: SourceText) -> [Recognition] {
        let found = dialects.compactMap { $0.recognise(source) }
        // sorted(by:) is stable, so dialects of equal confidence keep the registry's order.
        return found.sorted { $0.confidence > $1.confidence }
    }
}
