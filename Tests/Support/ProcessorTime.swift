// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What the calling thread's work takes of a processor, whatever else the machine does meanwhile.
public func processorTime(of work: () throws -> Void) rethrows -> Duration {
    func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
    let start = now()
    try work()
    return now() - start
}
