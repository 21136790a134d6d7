// SPDX-License-Identifier: Apache-2.0

import KataTestSupport

/// Something that is measured, with something comparable that is measured in the same run.
struct Benchmark {
    let name: String
    /// What one run of `work` counts for.
    let unit: String
    /// What one run does to be compared with, or nil.
    let baseline: (name: String, work: () -> Void)?
    /// In milliseconds for each run; nil for what is only shown.
    let bound: Double?
    let work: () -> Void
}

/// Medians of several rounds of processor time, so that neither an interruption nor a busy machine counts.
struct Measurement {
    /// Milliseconds of one core for each run.
    let median: Double
    let best: Double
    let worst: Double

    /// - Parameter seconds: how long one of the rounds takes at least.
    init(rounds: Int = 7, seconds: Double = 0.3, _ work: () -> Void) {
        work()
        let times = (0..<rounds).map { _ -> Double in
            var (runs, spent) = (0, Duration.zero)
            repeat {
                spent += processorTime(of: work)
                runs += 1
            } while spent < .seconds(seconds)
            return (Double(spent.components.seconds) * 1e3 + Double(spent.components.attoseconds) / 1e15) / Double(runs)
        }.sorted()
        median = times[times.count / 2]
        best = times[0]
        worst = times[times.count - 1]
    }
}
