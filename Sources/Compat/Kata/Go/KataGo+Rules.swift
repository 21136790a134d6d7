// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

// What becomes of each key. Several releases gave a key another default or a word another meaning, so rules are made for releases.
extension KataGo {
    /// The rules of a generation for a file that those of its releases may have read.
    static func rules(of generation: Generation, at releases: ClosedRange<Release>) -> [KeyRule] {
        keys.compactMap { key in
            let own = key.releases.compactMap { $0.common(with: generation.releases) }
            guard let first = own.first, let last = own.last else { return nil }
            return KeyRule(
                source: key.key, type: type(of: key, at: releases), releases: first.lowerBound...last.upperBound,
                absent: absent(key, at: releases), fate: fate(of: key, in: generation, at: releases))
        }
    }

    /// vCPUs may be fractions since 3.3.
    private static func type(of key: KataGoKey, at releases: ClosedRange<Release>) -> LegacyType {
        guard key.key.name == "default_vcpus", releases.upperBound < Release(3, 3, 0) else { return key.type }
        return .integer(Int64(Int32.min)...Int64(Int32.max))
    }

    /// What the code did without a key, where that is not what today's default does; templates said more.
    private static func absent(_ key: KataGoKey, at releases: ClosedRange<Release>) -> ConfigValue? {
        let first = releases.lowerBound
        return switch key.unified {
        case TargetKey(.hypervisor, "machine_type"): .string(first < Release(2, 2, 0) ? "pc" : "q35")
        case TargetKey(.hypervisor, "shared_fs"): .string(first < Release(2, 4, 0) ? "virtio-9p" : "virtio-fs")
        case TargetKey(.hypervisor, "virtio_fs_cache") where first >= Release(2, 4, 0): .string(first < Release(3, 1, 0) ? "none" : "never")
        case TargetKey(.hypervisor, "disable_block_device_use"): .boolean(false)
        case TargetKey(.hypervisor, "enable_annotations"): .strings([])
        case TargetKey(.runtime, "disable_guest_seccomp"): .boolean(false)
        case TargetKey(.runtime, "disable_guest_empty_dir"): .boolean(false)
        case TargetKey(.runtime, "internetworking_model"): .string(first < Release(1, 7, 0) ? "macvtap" : "tcfilter")
        case TargetKey(.agent, "dial_timeout"): .integer(30)
        default: nil
        }
    }

    private static func fate(of key: KataGoKey, in generation: Generation, at releases: ClosedRange<Release>) -> KeyFate {
        guard let unified = key.unified else { return .dropped(endedTables[key.key.table[0]] ?? endedTable) }
        switch unified {
        case TargetKey(.hypervisor, "path") where generation.id == generation1:
            return .replaced(to: unified, by: .hypervisor, oldHypervisor)
        case TargetKey(.hypervisor, "kernel"): return .replaced(to: unified, by: .kernel, guestKernel)
        case TargetKey(.hypervisor, "initrd"), TargetKey(.hypervisor, "image"):
            return .replaced(to: TargetKey(.hypervisor, "initrd"), by: .initrd, guestRoot)
        default: break
        }
        return mapping(of: unified, at: releases).map { .mapped(to: unified, $0) } ?? .carried(to: unified)
    }

    private static func mapping(of key: TargetKey, at releases: ClosedRange<Release>) -> ValueMapping? {
        switch key {
        case TargetKey(.hypervisor, "default_memory"): memory(at: releases)
        case TargetKey(.hypervisor, "block_device_driver"):
            same(["", "virtio-scsi", "virtio-blk", "virtio-mmio", "nvdimm", "virtio-blk-ccw"])
        case TargetKey(.hypervisor, "block_device_aio"): same(["", "threads", "native", "io_uring"])
        case TargetKey(.hypervisor, "shared_fs"):
            same(["", "virtio-9p", "virtio-fs", "virtio-fs-nydus", "none"].dropLast(releases.upperBound < Release(2, 4, 0) ? 2 : 0))
        case TargetKey(.runtime, "vfio_mode"): same(["", "vfio", "guest-kernel"])
        case TargetKey(.runtime, "emptydir_mode"): same(["", "shared-fs", "block-encrypted", "block-plain"])
        case TargetKey(.runtime, "internetworking_model"): .choices(networkModels(at: releases))
        default: nil
        }
    }

    private static func same(_ texts: some Sequence<String>) -> ValueMapping { .choices(texts.map { ValueChoice($0, $0) }) }

    /// The smallest size that was taken as it is: 8 MiB, then 256 from 1.9, any from 1.11.5, and 256 again in Kata 2 and later.
    private static func memory(at releases: ClosedRange<Release>) -> ValueMapping? {
        let (first, last) = (releases.lowerBound, releases.upperBound)
        if last < Release(1, 9, 0) { return .raised(below: 8, to: 2048, smallMemory) }
        if first >= Release(2, 0, 0) || (first >= Release(1, 9, 0) && last < Release(1, 11, 5)) {
            return .raised(below: 256, to: 2048, smallMemory)
        }
        return first >= Release(1, 11, 5) ? nil : .remarked(1...255, memoryByRelease)
    }

    private static func networkModels(at releases: ClosedRange<Release>) -> [ValueChoice] {
        let (first, last) = (releases.lowerBound, releases.upperBound)
        var choices = [ValueChoice("macvtap", "macvtap")]
        if last < Release(1, 7, 0) {
            choices += ["", "default"].map {
                ValueChoice($0, "macvtap", Remark(.goModelByRelease, .warning, "Kata before 1.7 meant macvtap"))
            }
        } else {
            let remark = Remark(.goModelByRelease, .warning, "Kata before 1.7 meant macvtap, later releases tcfilter")
            choices += ["", "default"].map { ValueChoice($0, $0, first < Release(1, 7, 0) ? remark : nil) }
        }
        if last >= Release(1, 4, 0) { choices += [ValueChoice("tcfilter", "tcfilter"), ValueChoice("none", "none")] }
        if first < Release(1, 10, 0) {
            let remark = Remark(.goModelChanged, .warning, "Kata dropped it in 1.10; tcfilter joins the same interfaces")
            choices += ["bridged", "enlightened"].map { ValueChoice($0, "tcfilter", remark) }
        }
        return choices
    }

    private static let oldHypervisor = Remark(
        .goGuestFile, .note, "Kata 1's QEMU builds are not maintained; the distribution's QEMU is used")
    private static let guestKernel = Remark(.goGuestFile, .note, "the guest kernel has to fit the initrd that holds the agent")
    private static let guestRoot = Remark(.goGuestFile, .note, "the guest boots from the initrd that holds the agent")
    private static let smallMemory = Remark(.goMemory, .warning, "Kata took 2048 MiB when fewer were asked for than it allowed")
    private static let memoryByRelease = Remark(
        .goMemoryByRelease, .warning, "Kata 1.9 to 1.11.4 took 2048 MiB in its place, earlier and later releases took it as it is")

    private static let endedTables: [String: Remark] = [
        "proxy": Remark(.goEnded, .note, "there is no proxy: the shim talks to the agent itself"),
        "shim": Remark(.goEnded, .note, "the shim is part of the runtime and logs with it"),
        "netmon": Remark(.goEnded, .note, "no process watches the network namespace"),
    ]
    private static let endedTable = Remark(.goEnded, .note, "images are pulled by the engine")
}
