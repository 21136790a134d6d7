// SPDX-License-Identifier: Apache-2.0

/// The documentation of all that the readers of this module report.
public enum TextDiagnostics {
    /// In the order of the codes.
    public static let pages: [DiagnosticPage] =
        JSONDocument.pages + TOMLDocument.pages + TOMLDocument.oldPages + SystemdUnitDocument.pages + YAMLStream.pages
}
