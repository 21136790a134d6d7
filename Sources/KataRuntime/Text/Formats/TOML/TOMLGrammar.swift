// SPDX-License-Identifier: Apache-2.0

/// By whose rules a TOML text is read.
public enum TOMLGrammar: Sendable {
    /// The specification of version 1.0.
    case toml10
    /// BurntSushi/toml 0.3, through which Clear Containers 3.0 and Kata 1.0 to 2.5 read their files: TOML 0.4 as it was understood there.
    ///
    /// What that parser accepted is accepted with its meaning of then, and a warning where TOML 1.0 has another or none; what it refused is
    /// an error. Docs/Old-TOML.md lists the differences.
    case burntSushi03
    /// go-toml 1.8 and 1.9, through which containerd 1.5 to 1.7 read theirs: TOML 1.0, and with a warning what that parser took besides.
    case goTOML1
}
