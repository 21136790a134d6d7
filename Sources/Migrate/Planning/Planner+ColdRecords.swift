// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import KataText
internal import SystemPackage

extension Planner {
    /// A container that is created and has no VM yet, as the new runtime keeps it: `record.json`, and where the bundle has gone the
    /// specification that the old record holds, which makes the directory a bundle. One that has ended needs its status only.
    func coldRecord(of workload: FoundSandbox.Workload, _ sandbox: FoundSandbox) -> [Change] {
        let container = workload.container
        let place = layout.coldRecords.appending(container.id.rawValue)
        let status = workload.exitStatus
        let bundle = workload.hasBundle ? container.bundle : nil
        let origin = "\(sandbox.system.family ?? sandbox.systemName) \(sandbox.record.releases.title)"
        var members: [String: ReportValue] = [
            "version": .integer(1), "id": .string(container.id.rawValue), "bundle": .path(bundle ?? place),
            "rootfs": .path(workload.rootfs),
            "origin": .string(origin), "annotations": .object(container.annotations.mapValues(ReportValue.string)),
        ]
        if let status { members["exitStatus"] = .number(status) }
        var changes = [
            Change.create(place.appending("record.json"), bytes: Array(ReportValue.object(members).rendered.utf8), mode: 0o600)
        ]
        if status == nil, case .record(let spec) = workload.specification, let rootfs = workload.rootfs {
            // Environments of containers hold secrets.
            changes.append(.create(place.appending("config.json"), bytes: spec.namingRoot(rootfs), mode: 0o600))
        }
        return changes
    }
}

extension FoundSandbox {
    /// Why it cannot be made again, and the container that is to blame; nil when it can.
    var obstacle: (container: LegacyContainerID?, why: String)? {
        if workloads.isEmpty { return (nil, "its record names no container") }
        return workloads.lazy.compactMap { workload in workload.obstacle.map { (workload.container.id, $0) } }.first
    }
}

extension FoundSandbox.Workload {
    var hasBundle: Bool { if case .bundle = specification { true } else { false } }

    /// With which it ended before the migration, where that is known; nothing of it is started again then.
    var exitStatus: Int32? { if case .ended(let status) = container.state { status } else { nil } }

    /// Why it cannot be made again; nil when it can.
    fileprivate var obstacle: String? {
        if exitStatus != nil { return nil }
        if let bundle = container.bundle, !bundle.isAbsolute { return "its bundle \(bundle) is relative to a directory that nobody noted" }
        if specification == nil {
            return container.bundle.map { "neither its record nor its bundle \($0) holds its OCI configuration" }
                ?? "its record holds no OCI configuration"
        }
        if let version = ociVersion, !version.hasPrefix("1.") {
            return "its OCI configuration is of version \(version), and the new runtime reads 1.x.y"
        }
        return rootfs == nil ? "its root file system \(container.rootfs?.string ?? "") is not there" : nil
    }
}

extension SourceText {
    /// The specification with an absolute root: it was relative to a bundle that is gone.
    fileprivate func namingRoot(_ rootfs: FilePath) -> [UInt8] {
        guard let root = JSONDocument.parse(self).value?.root["root"]?["path"] else { return bytes }
        let edit = TextEdit(file: path, range: root.range, replacement: ReportValue.path(rootfs).rendered.trimmingLineFeed)
        return applying([edit]) ?? bytes
    }
}

extension String {
    fileprivate var trimmingLineFeed: String { last == "\n" ? String(dropLast()) : self }
}
