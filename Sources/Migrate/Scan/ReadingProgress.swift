// SPDX-License-Identifier: Apache-2.0

/// Is told how far the reading of a host is.
package struct ReadingProgress: Sendable {
    package struct Part: Sendable, Equatable {
        package let title: String
        /// From 1.
        package let number: Int
        package let count: Int
    }

    package static let silent = ReadingProgress { _ in }

    private let report: @Sendable (Part) -> Void

    package init(report: @escaping @Sendable (Part) -> Void) { self.report = report }

    /// Each element in turn, said before.
    func through<Elements: Collection>(_ elements: Elements, _ title: (Elements.Element) -> String, _ body: (Elements.Element) -> Void) {
        for (index, element) in elements.enumerated() {
            report(Part(title: title(element), number: index + 1, count: elements.count))
            body(element)
        }
    }
}
