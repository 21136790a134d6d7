// SPDX-License-Identifier: Apache-2.0

/// How long an agent may take over a call that does not wait by nature; Kata's figures.
package struct AgentTimeouts: Sendable, Hashable {
    package var request: Duration
    package var check: Duration
    package var createContainer: Duration

    package init(request: Duration = .seconds(60), check: Duration = .seconds(30), createContainer: Duration = .seconds(60)) {
        self.request = request
        self.check = check
        self.createContainer = createContainer
    }
}
