// SPDX-License-Identifier: Apache-2.0

package import KataHypervisor
package import KataSystem
package import KataWire

/// A VM whose agent answers.
package struct RunningMachine: Sendable {
    package let machine: any Machine
    package let identity: ProcessIdentity
    package let agent: AgentClient
    package let details: WireGuestDetailsResponse
    let shares: ShareTree
    /// Without what its containers add.
    let base: MachineSize
    let network: SandboxNetwork
    /// Nil without a network.
    let names: NameServers?

    /// How long the guest may take to end in good order.
    private static let patience = Duration.seconds(3)

    /// Asks the guest to finish its writes, then ends QEMU: the guest's answer is a courtesy, its silence no obstacle.
    func stop() async {
        _ = try? await agent.destroySandbox(.init(), timeout: Self.patience)  // a guest that is gone cannot be asked
        await agent.close()
        _ = await machine.shutdown(grace: Self.patience)
        network.release()
    }
}
