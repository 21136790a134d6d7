// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText
internal import SystemPackage

extension ClearContainersV2 {
    static func translate(_ sources: [SourceText], assets: TargetAssets, release: ClosedRange<Release>?) -> Translation {
        let likely = release ?? dialect.release(from: sources.map(ReleaseEvidence.packagedFile))?.releases ?? releases
        let parsed = sources.map { ($0, parse($0, releases: likely)) }
        // The packaged arguments put vm.json's kernel parameters before their own.
        let documents = Part.allCases.flatMap { part in parsed.compactMap(\.1.partial).filter { $0.part == part } }
        let hidden = hiddenDocuments(documents)
        var draft = TranslationDraft(
            dialect: dialect, sources: sources, assets: assets, releases: likely,
            // What is wrong with a file that was not used never mattered.
            diagnostics: parsed.filter { hidden[$0.0.path] == nil }.flatMap(\.1.diagnostics))
        let arguments = documents.first { $0.part == .arguments && hidden[$0.source.path] == nil }
        let takesParameters = arguments.map {
            HypervisorArguments(reading: $0.source).arguments.contains { $0.text.contains("@KERNEL_PARAMS@") }
        }
        let unused = takesParameters == false ? "hypervisor.args does not take it in: it has no @KERNEL_PARAMS@" : nil
        for document in documents {
            let other = hidden[document.source.path]
            if let other { draft.report(.cc2Hidden, .warning, "not used: \(other) comes before it", document.source) }
            for statement in document.statements {
                let counted = counted(statement, hiddenBy: other, unused: unused)
                if case .unread(let setting, let reason) = counted, reason == unused {
                    draft.report(.cc2Unused, .warning, "\(setting.rule.source) had no effect: \(reason)", document.source, setting.keyRange)
                }
                draft.add(counted, of: document.source, refusedValue: .cc2Refused)
            }
        }
        draft.addDefaults(code: .cc2DefaultWritten)
        let settings = fixedSettings(arguments?.source)
        if release == nil {
            let message = "the release is not known; the files are taken for those of \(likely.title)"
            draft.report(.cc2ReleaseUnknown, .note, message, notes: settings.filter { $0.isUndecided(among: likely) }.map(\.reason))
        }
        for setting in settings { draft.add(setting, code: .cc2DefaultWritten) }
        return draft.finish()
    }

    /// Which documents another one keeps from being used: a bundle's files come before those in /etc, and those before the packaged ones.
    private static func hiddenDocuments(_ documents: [Document]) -> [FilePath: String] {
        func place(_ document: Document) -> Int {
            if document.part == .bundle { return 0 }
            // Where it is not of the host's directories it is a bundle's, or was named by hand.
            let directories = ["/etc/", "/usr/local/etc/", "/usr/share/", "/usr/local/share/"]
            return 1 + (directories.firstIndex { document.source.path.string.hasPrefix($0) } ?? -1) + 1
        }
        func role(_ document: Document) -> Part { document.part == .bundle ? .machine : document.part }
        var first: [Part: Document] = [:]
        for document in documents where !(document.part == .bundle && document.statements.isEmpty) {
            guard let other = first[role(document)] else {
                first[role(document)] = document
                continue
            }
            if place(document) < place(other) { first[role(document)] = document }
        }
        var hidden: [FilePath: String] = [:]
        for document in documents {
            guard let winner = first[role(document)], winner.source.path != document.source.path else { continue }
            hidden[document.source.path] = winner.source.path.string
        }
        return hidden
    }

    /// The statement as it counted among the other files.
    private static func counted(_ statement: LegacyStatement, hiddenBy other: String?, unused: String?) -> LegacyStatement {
        guard case .setting(let setting) = statement else { return statement }
        if let other { return .unread(setting, reason: "\(other) comes before this file") }
        guard let unused, setting.rule.source == LegacyKey(["vm", "kernel"], "parameters") else { return statement }
        return .unread(setting, reason: unused)
    }

    /// What was so without a word of the files that are translated.
    private static func fixedSettings(_ arguments: SourceText?) -> [FixedSetting] {
        let read = arguments.map { HypervisorArguments(reading: $0) }
        let names = Set(read?.options.map(\.name) ?? [])
        var settings = [
            FixedSetting(
                target: TargetKey(.hypervisor, "shared_fs"), value: .string("virtio-9p"),
                reason: "Clear Containers shared files with the guest by 9p only"),
            FixedSetting(
                target: TargetKey(.hypervisor, "disable_block_device_use"), value: .boolean(false),
                reason: "from 2.2.0 on a root file system on a block device was attached as a disk",
                releases: Release(2, 2, 0)...releases.upperBound),
            FixedSetting(
                target: TargetKey(.hypervisor, "block_device_driver"), value: .string("virtio-blk"),
                reason: "from 2.2.0 on disks were attached by virtio-blk", releases: Release(2, 2, 0)...releases.upperBound),
        ]
        if read == nil || names.contains("smp") && read?.vcpus == 2 {
            settings.append(
                FixedSetting(
                    target: TargetKey(.hypervisor, "default_vcpus"), value: .integer(2), reason: "the packaged hypervisor.args has -smp 2"))
        }
        let hasSize = read?.options.contains { $0.name == "m" && $0.items(implied: "size").contains { $0.key == "size" } }
        if hasSize == false {
            settings.append(
                FixedSetting(
                    target: TargetKey(.hypervisor, "default_memory"), value: .integer(128),
                    reason: "hypervisor.args has no size of memory, for which QEMU took 128 MiB"))
        }
        return settings
    }
}
