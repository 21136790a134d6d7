// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension TextEdit {
    /// The edit that makes a change of a text in its file.
    init(file: FilePath, _ splice: TextSplice) {
        self.init(file: file, range: splice.range, replacement: splice.replacement)
    }
}
