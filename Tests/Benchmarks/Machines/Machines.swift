// SPDX-License-Identifier: Apache-2.0

import Glibc
import KataSystem
import KataTestSupport
import SystemPackage

/// Prints what containers in VMs take beside runc's in the same run. There is no bound: under emulation all is some ten times slower.
func printMachineFigures() throws {
    let directory = FilePath("/tmp/kata-bench.\(getpid())")
    defer { _ = try? FileSystem.removeTree(directory) }  // what is left in /tmp says so
    let (ours, macvtap) = try (MeasuredRuntime.ours(below: directory), MeasuredRuntime.ours(below: directory, networkModel: "macvtap"))
    let runc = try MeasuredRuntime.runc(below: directory)
    let accelerator = try ours.accelerator()
    print("\n| a container's life, median (best–worst) | kata-runtime under \(accelerator) | runc |\n|---|---|---|")
    for row in try lifecycleFigures([ours, runc]) + podFigures(ours) + crashFigures(ours) { printRow(row) }
    print("\n| a veth pair | tcfilter under \(accelerator) | macvtap under \(accelerator) | runc |\n|---|---|---|---|")
    for row in try networkFigures([ours, macvtap, runc]) { printRow(row) }
}

private func printRow(_ row: (what: String, samples: [Sample])) {
    print("| " + ([row.what] + row.samples.map(\.cell)).joined(separator: " | ") + " |")
    fflush(nil)
}
