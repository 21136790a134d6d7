// SPDX-License-Identifier: Apache-2.0

internal import KataText
internal import Synchronization

/// The devices that a guest was asked to let go: QEMU tells of each that has gone, or that the guest keeps (QEMU QMP Reference Manual,
/// DEVICE_DELETED and DEVICE_UNPLUG_GUEST_ERROR).
final class DeviceDepartures: Sendable {
    enum Answer: Sendable { case gone, kept }

    private let waiting = Mutex<[String: Eventual<Answer>]>([:])

    /// What comes of a device; to be called before the guest is asked, and to be ended by `forget`.
    func expect(_ device: String) -> Eventual<Answer> {
        let answer = Eventual<Answer>()
        waiting.withLock { $0[device] = answer }
        return answer
    }

    func forget(_ device: String) { waiting.withLock { $0[device] = nil } }

    func note(_ event: QMPEvent) {
        let answers: [String: Answer] = ["DEVICE_DELETED": .gone, "DEVICE_UNPLUG_GUEST_ERROR": .kept]
        guard let answer = answers[event.name], let device = event.data?["device"]?.string else { return }
        waiting.withLock { $0[device] }?.set(answer)
    }
}
