// SPDX-License-Identifier: Apache-2.0

package import KataOCI
internal import KataWire

extension Sandbox {
    /// Starts a program of the guest's own, outside of its containers. The empty id stands for the guest.
    package func execInGuest(_ exec: String, process: ProcessSpec, caller: Caller) async throws {
        guard boot.hasDebugConsole else {
            throw SandboxError.impossible(
                "run a program in the guest",
                "debug_console_enabled was false when the machine was started; set it in [agent.kata] and create the container anew")
        }
        guard let machine = guest else { throw SandboxError.notReady }
        try caller.check(process)
        try await machine.agent.execProcess(
            .with {
                $0.execID = exec
                $0.process = wireProcess(from: process)
            })
        let workload = try workload(GuestProcessID(container: "", exec: exec), machine, caller, process, drainLimit: .seconds(1))
        await workload.resize(machine.agent)
        Task { workload.report(await workload.exit.value) }
    }
}
