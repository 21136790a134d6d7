// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import KataHypervisor

@Suite("eventual value", .timeLimit(.minutes(1)))
struct EventualTests {
    @Test("a wait whose time is over before it begins ends, every time", arguments: [Duration.zero, .seconds(-1)])
    func noTime(limit: Duration) async {
        let eventual = Eventual<Int>()
        for _ in 0..<2000 { #expect(await eventual.wait(atMost: limit) == nil) }
    }

    @Test("all who wait get the first value, and so do those who come later")
    func first() async {
        let eventual = Eventual<Int>()
        async let early = (eventual.wait(), eventual.wait(atMost: .seconds(50)), eventual.waitUnlessCancelled(atMost: .seconds(50)))
        eventual.set(1)
        eventual.set(2)
        let values = await early
        #expect(values == (1, 1, 1))
        #expect(await eventual.wait(atMost: .zero) == 1)
    }

    @Test("cancelling ends only the wait that says so")
    func cancelled() async {
        let eventual = Eventual<Int>()
        let ended = Task { await eventual.waitUnlessCancelled(atMost: .seconds(50)) }
        let patient = Task { await eventual.wait(atMost: .seconds(50)) }
        ended.cancel()
        patient.cancel()
        #expect(await ended.value == nil)
        eventual.set(7)
        #expect(await patient.value == 7)
    }
}
