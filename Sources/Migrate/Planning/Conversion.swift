// SPDX-License-Identifier: Apache-2.0

package import Compat
package import KataText

/// A legacy configuration in the unified format.
package struct Conversion: Sendable {
    /// Nil when no dialect claims the document.
    package let translation: Translation?
    package let diagnostics: [Diagnostic]

    /// What is written; nil when the legacy runtime would have refused the document.
    package var bytes: [UInt8]? {
        guard let translation, !translation.hasErrors else { return nil }
        return translation.document.emission.rendered
    }

    /// - Parameter dialect: nil to recognise it.
    package init(of source: SourceText, layout: TargetLayout, dialect: Dialect? = nil) {
        // A file that merely could be anything is not translated on the strength of that.
        let recognised = Registry.recognise(source).first { $0.confidence >= .likely }
        guard let found = dialect ?? recognised.flatMap({ Registry.dialect($0.dialect) }) else {
            translation = nil
            diagnostics = [.unknownDialect(source)]
            return
        }
        let made = found.translation(of: source, assets: layout.assets)
        translation = made
        diagnostics = made.diagnostics
    }
}
