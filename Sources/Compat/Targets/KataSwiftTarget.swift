// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

extension TargetDialect {
    /// Our own runtime. What comes from before Kata is written as it is; what comes from Kata may ask for more than we run.
    static let kataSwift = TargetDialect(
        id: Dialect.ID(rawValue: "kata-swift"), title: "kata-swift", searchPaths: ConfigurationSearch.standardPaths,
        rules: TargetRules(
            vocabulary: .unified, hypervisors: ["qemu"] + ForeignHypervisor.allCases.map(\.rawValue),
            exceptions: [
                TargetKey(.hypervisor, "shared_fs"): .written(to: nil, .respelt(sharedFileSystems)),
                TargetKey(.hypervisor, "machine_type"): .written(to: nil, .respelt(machineTypes)),
            ],
            // Kept whole for the day when another runtime reads the file.
            foreignExceptions: ["shared_fs": .written(to: nil, nil), "machine_type": .written(to: nil, nil)]))

    private static let sharedFileSystems = ["virtio-fs", "virtio-fs-nydus", "none"].map {
        ValueChoice($0, "virtio-9p", Remark(.changedForTarget, .warning, "files are shared by 9p, which needs no daemon beside QEMU"))
    }
    private static let machineTypes = [
        ValueChoice("pc", "q35", Remark(.changedForTarget, .warning, "devices are hot-plugged to PCIe root ports, which pc has not got")),
        ValueChoice("microvm", "q35", Remark(.changedForTarget, .warning, "microvm cannot be hot-plugged to")),
    ]
}
