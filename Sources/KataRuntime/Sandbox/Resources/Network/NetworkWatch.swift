// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import KataHypervisor
internal import KataSystem
internal import KataWire

/// Interfaces that come to a container's network namespace while its machine runs, and go again; their addresses and routes too.
///
/// It lives on a thread of its own in that namespace, as long as the process, which is as long as the machine.
struct NetworkWatch: Sendable {
    private let machine: any Machine
    private let agent: AgentClient

    /// Who makes an interface makes it in many steps.
    private static let quiet: Int32 = 100

    init(_ machine: any Machine, _ agent: AgentClient) {
        self.machine = machine
        self.agent = agent
    }

    /// - Parameter network: as the guest has it.
    func start(_ network: SandboxNetwork) throws(SystemError) {
        guard let namespace = network.namespace else { return }
        try startThread(name: "network-watch", stackKiB: 256) {
            // Without the right to look there is nothing to be seen.
            guard (try? NetworkNamespace.enter(namespace.duplicate())) != nil, let changes = try? RouteChanges() else { return }
            var state = State(network: network)
            // What happened before the socket was there is found in the first round.
            repeat { update(&state) } while changes.waitForNext(quietMilliseconds: Self.quiet)
        }
    }

    private struct State {
        var network: SandboxNetwork
        /// By the interface's index; those of the start have fixed places in the machine.
        var plugged: [Int32: PluggedDevice] = [:]
    }

    private func update(_ state: inout State) {
        do {
            let (next, added, gone) = try state.network.rescanned()
            let removed = gone.compactMap { state.plugged.removeValue(forKey: $0) }
            for device in removed { try waitFor { [machine] in try await machine.ports.remove(device) } }
            for endpoint in added {
                let (tap, address) = (endpoint.tap.descriptor, endpoint.link.address)
                state.plugged[endpoint.link.index] = try waitFor { [machine] in try await machine.ports.add(tap: tap, address: address) }
            }
            let previous = state.network
            state.network = next
            if next.differs(from: previous) { try waitFor { [agent] in try await next.configure(agent, after: previous) } }
        } catch {
            // The container runs on with what it has; standard error is the shim's log.
            let line = Array("network of the container: \(errorChain(error))\n".utf8)
            _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        }
    }
}
