// SPDX-License-Identifier: Apache-2.0

/// Programs to run at the points of a container's life.
package struct HookSpecs: Codable, Hashable, Sendable {
    /// Deprecated by the specification, and what docker uses.
    package var prestart: [HookSpec]?
    package var createRuntime: [HookSpec]?
    package var createContainer: [HookSpec]?
    package var startContainer: [HookSpec]?
    package var poststart: [HookSpec]?
    package var poststop: [HookSpec]?

    package init(
        prestart: [HookSpec]? = nil, createRuntime: [HookSpec]? = nil, createContainer: [HookSpec]? = nil,
        startContainer: [HookSpec]? = nil, poststart: [HookSpec]? = nil, poststop: [HookSpec]? = nil
    ) {
        self.prestart = prestart
        self.createRuntime = createRuntime
        self.createContainer = createContainer
        self.startContainer = startContainer
        self.poststart = poststart
        self.poststop = poststop
    }
}

/// One program; the container's state document is its standard input.
package struct HookSpec: Codable, Hashable, Sendable {
    package var path: String
    /// Starts with argv[0].
    package var args: [String]?
    package var env: [String]?
    /// Seconds.
    package var timeout: Int?

    package init(path: String, args: [String]? = nil, env: [String]? = nil, timeout: Int? = nil) {
        self.path = path
        self.args = args
        self.env = env
        self.timeout = timeout
    }
}
