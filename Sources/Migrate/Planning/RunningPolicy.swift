// SPDX-License-Identifier: Apache-2.0

internal import Compat

/// What becomes of sandboxes that run.
package enum RunningChoice: String, Sendable, CaseIterable {
    /// They stay as they are.
    case leave
    /// They are stopped, and start again when somebody starts them.
    case drain
    /// They are stopped, and started again under the new runtime.
    case recreate
}

/// The choice for each sandbox that runs: its own, else that for all others; without one it is asked for.
package struct RunningPolicy: Sendable, Equatable {
    package var usual: RunningChoice?
    /// By a sandbox's id or its beginning, that of a container in it, or docker's name for one.
    package var own: [String: RunningChoice] = [:]

    package init(_ usual: RunningChoice? = nil, own: [String: RunningChoice] = [:]) {
        self.usual = usual
        self.own = own
    }

    func choice(for sandbox: FoundSandbox) -> RunningChoice? {
        own.sorted { $0.key < $1.key }.first { sandbox.isCalled($0.key) }?.value ?? usual
    }

    static let stopping: [RunningChoice?] = [.drain, .recreate]

    func isStopped(_ sandbox: FoundSandbox) -> Bool { Self.stopping.contains(choice(for: sandbox)) }

    /// As options of the command line say it.
    package var options: [String] {
        (usual.map { [$0.rawValue] } ?? []) + own.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.rawValue)" }
    }
}

extension FoundSandbox {
    /// Fewer digits of an id may be any sandbox's.
    private static let shortest = 4

    fileprivate func isCalled(_ name: String) -> Bool {
        if dockerContainers.contains(where: { $0.name == name }) { return true }
        let ids = [id.rawValue] + record.containers.map(\.id.rawValue) + dockerContainers.map(\.id)
        return ids.contains { $0 == name || name.count >= Self.shortest && $0.hasPrefix(name) }
    }
}

extension Planner {
    /// A choice for a name that is nobody's, or several sandboxes', would be a choice for something else.
    mutating func checkPolicy() {
        for name in policy.own.keys.sorted() {
            let named = scan.sandboxes.filter { $0.isCalled(name) }
            if named.count != 1 { preflight.append(.unclearSandbox(name, named)) }
        }
    }
}
