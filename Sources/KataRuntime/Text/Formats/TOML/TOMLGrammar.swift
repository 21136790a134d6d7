// SPDX-License-Identifier: Apache-2.0

/// By whose rules a TOML text is read.
public enum TOMLGrammar: Sendable {
    /// The specification of version 1.0.
    case toml10
    /// The specification of version 1.1, which takes all of 1.0: by it Kata from 3.28 and CRI-O from 1.35.1 read their files. What is new in
    /// it has a note.
    case toml11
    /// BurntSushi/toml 0.3, through which Clear Containers 3.0 and Kata 1.0 to 2.5 read their files: TOML 0.4 as it was understood there.
    ///
    /// What that parser accepted is accepted with its meaning of then, and a warning where TOML 1.0 has another or none; what it refused is
    /// an error. Docs/Old-TOML.md lists the differences.
    case burntSushi03
    /// go-toml 1.8 and 1.9, through which containerd 1.5 to 1.7 read theirs: TOML 1.0, and with a warning what that parser took besides.
    case goTOML1
}
