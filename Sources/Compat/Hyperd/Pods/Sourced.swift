// SPDX-License-Identifier: Apache-2.0
internal import KataText

/// A value of a pod file and where it was said.
struct Sourced<Value: Sendable>: Sendable {
    let value: Value
    /// The value in the file.
    let range: SourceRange
    /// The way to it: `containers[0].image`.
    let path: String

    func map<Other>(_ transform: (Value) -> Other) -> Sourced<Other> {
        Sourced<Other>(value: transform(value), range: range, path: path)
    }
}
