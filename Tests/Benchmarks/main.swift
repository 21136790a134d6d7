// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataTestSupport

/// Prints a row for each benchmark, and ends with 1 when one misses its bound. Arguments are parts of names: only those are measured.
let asked = CommandLine.arguments.dropFirst()
func isAsked(_ name: String) -> Bool { asked.isEmpty || asked.contains { name.contains($0) } }
var missed = 0
print("| what | size | median ms | best–worst | beside it | ms | bound ms |")
print("|---|---|---|---|---|---|---|")
for benchmark in conversionBenchmarks() + editBenchmarks() where isAsked(benchmark.name) {
    let measured = Measurement(benchmark.work)
    let other = benchmark.baseline.map { (name: $0.name, time: Measurement($0.work).median) }
    let isMissed = benchmark.bound.map { measured.median > $0 } ?? false
    missed += isMissed ? 1 : 0
    let cells = [
        benchmark.name, benchmark.unit, shown(measured.median), "\(shown(measured.best))–\(shown(measured.worst))",
        other?.name ?? "", other.map { shown($0.time) } ?? "", benchmark.bound.map(shown) ?? "",
    ]
    print("| " + cells.joined(separator: " | ") + " |" + (isMissed ? " missed" : ""))
    fflush(nil)  // a row is seen when it is there, in a pipe too
}
print("\n| what | size | median | bound |\n|---|---|---|---|")
for figure in try isAsked("kata-migrate") ? fleetFigures() : [] {
    missed += figure.isMissed ? 1 : 0
    let bound = "\(figure.isLeast ? "≥" : "≤") \(shown(figure.bound))"
    print(
        "| kata-migrate \(figure.name) | \(figure.size) | \(shown(figure.value)) \(figure.unit) | \(bound) |"
            + (figure.isMissed ? " missed" : ""))
}
if isAsked("machines") {
    if let missing = [Need.root, .machine, .program("runc"), .program("ip")].lazy.compactMap(\.missing).first {
        print("\nmachines are not measured: \(missing)")
        missed += 1
    } else {
        do { try printMachineFigures() } catch {
            print("\nmachines are not measured any further: \(error)")
            missed += 1
        }
    }
}
exit(missed == 0 ? 0 : 1)

/// Three digits that say something.
func shown(_ milliseconds: Double) -> String {
    let scale = milliseconds < 1 ? 1000.0 : milliseconds < 100 ? 100 : 10
    return String((milliseconds * scale).rounded() / scale)
}
