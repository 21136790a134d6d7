// SPDX-License-Identifier: Apache-2.0

/// Bounds beyond `ReadingLimits`: an event costs libyaml and us some 300 bytes, and a byte can make one.
enum YAMLLimits {
    /// Ten times what a cluster takes for one object, so that a list of everything fits.
    static let bytes = 16 << 20
    /// Values of one stream as written.
    static let nodes = 500_000
    /// Values of one document with every alias followed.
    static let expandedNodes = 1_000_000
    /// libyaml compares each `%TAG` with all others.
    static let directives = 64
}
