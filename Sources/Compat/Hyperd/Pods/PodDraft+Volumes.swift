// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension PodDraft {
    /// The mounts of a container; volumes that they need and that can be had are made on the way.
    mutating func mounts(_ container: HyperPod.Container) -> [YAMLEmission.Item] {
        var items: [YAMLEmission.Item] = []
        for mount in container.mounts {
            guard let volume = volumesByName[mount.volume.value],
                let name = volumeName(volume)
            else { continue }
            var entries = [Entry("name", .string(name), beside: origin(mount.volume)), Entry("mountPath", .string(mount.path.value))]
            if mount.isReadOnly { entries.append(Entry("readOnly", .boolean(true))) }
            items.append(.init(.mapping(entries)))
        }
        for use in container.files { if let item = fileMount(use) { items.append(item) } }
        return items
    }

    /// Nil where Kubernetes has no such volume.
    private mutating func volumeName(_ volume: HyperPod.Volume) -> String? {
        let isNew = done.insert("volume \(volume.name.value)").inserted
        guard let kind = self.kind(of: volume, isFirst: isNew) else { return nil }
        let name = uniqueName(for: volume.name.value)
        if isNew { volumes.append(.init(.mapping([Entry("name", .string(name), beside: origin(volume.name)), kind]))) }
        return name
    }

    /// - Parameter isFirst: whether findings are still to be reported.
    private mutating func kind(of volume: HyperPod.Volume, isFirst: Bool) -> Entry? {
        guard let given = volume.source else {
            return Entry("emptyDir", .mapping([]), beside: "hyperd made a new volume for the pod")
        }
        func lost(_ reason: String) -> Entry? {
            if isFirst { report(.podVolume, .warning, "volume '\(volume.name.value)' is left out: \(reason)", given.range) }
            return nil
        }
        switch (volume.format?.value ?? "", volume.fstype?.value ?? "") {
        case ("vfs", _): return Entry("hostPath", .mapping([Entry("path", .string(given.value), beside: origin(given))]))
        case ("nas", "nfs"):
            let parts = given.value.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return lost("'\(given.value)' is not server:path") }
            return Entry(
                "nfs",
                .mapping([Entry("server", .string(String(parts[0])), beside: origin(given)), Entry("path", .string(String(parts[1])))]))
        case ("rbd", _): return rados(volume, given, isFirst: isFirst)
        case ("nas", let type): return lost("Kubernetes mounts no '\(type)' by itself; make a PersistentVolume with a driver for it")
        case ("raw", _), ("qcow2", _), ("vdi", _):
            return lost("pods take no disk images; put its files on a PersistentVolume")
        case (let format, _):
            if isFirst {
                report(.podRefused, .error, "volume '\(volume.name.value)' has format '\(format)', which hyperd refused", given.range)
            }
            return nil
        }
    }

    private mutating func rados(_ volume: HyperPod.Volume, _ given: Sourced<String>, isFirst: Bool) -> Entry {
        if isFirst {
            let message = "volume '\(volume.name.value)': rbd was removed from Kubernetes 1.31; use the driver of ceph-csi there"
            report(.podVolumeDriver, .warning, message, given.range)
        }
        // `rbd:pool/image` or `pool/image`.
        let path = given.value.hasPrefix("rbd:") ? String(given.value.dropFirst(4)) : given.value
        let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
        var entries = [Entry("monitors", .list(volume.monitors.map { .init(.string($0.value), beside: origin($0)) }))]
        if parts.count == 2 { entries.append(Entry("pool", .string(parts[0]), beside: origin(given))) }
        entries.append(Entry("image", .string(parts.last ?? path), beside: origin(given)))
        for (key, value) in [("user", volume.user), ("keyring", volume.keyring), ("fsType", volume.fstype)] {
            if let value { entries.append(Entry(key, .string(value.value), beside: origin(value))) }
        }
        return Entry("rbd", .mapping(entries))
    }

    // MARK: Files

    private mutating func fileMount(_ use: HyperPod.FileUse) -> YAMLEmission.Item? {
        guard let file = filesByName[use.file.value] else { return nil }
        var path = use.path.value
        if path.hasSuffix("/") { path += use.file.value }
        if let uri = file.uri { return file.uriMount(uri, path, use, &self) }
        guard let key = fileKey(file), let mode = mode(use) else { return nil }
        if [use.user, use.group].contains(where: { $0 != nil && $0?.value != "0" && $0?.value != "root" }) {
            report(
                .podFileDiffers, .warning, "\(use.file.path): a file of a ConfigMap belongs to root",
                (use.user ?? use.group)?.range ?? use.file.range)
        }
        let octal = String(mode, radix: 8)
        let name = uniqueName(for: octal, prefix: "files-0")
        if done.insert("files \(name)").inserted {
            let configMap: [Entry] = [Entry("name", .string(configMapName)), Entry("defaultMode", .octal(mode))]
            volumes.append(.init(.mapping([Entry("name", .string(name)), Entry("configMap", .mapping(configMap))])))
        }
        return .init(
            .mapping([
                Entry("name", .string(name), beside: origin(use.file)), Entry("mountPath", .string(path)), Entry("subPath", .string(key)),
                Entry("readOnly", .boolean(true), beside: "hyperd wrote a copy that could be changed"),
            ]))
    }

    private mutating func mode(_ use: HyperPod.FileUse) -> Int64? {
        guard let given = use.mode else { return 0o755 }
        guard let mode = Int64(given.value, radix: 8), 0...0o777 ~= mode, given.value == "0" || given.value.hasPrefix("0") else {
            report(.podRefused, .error, "\(given.path) must be octal as '0644'; hyperd refused it", given.range)
            return nil
        }
        return mode
    }

    /// The key of the ConfigMap that holds the file; nil where its content cannot be had.
    private mutating func fileKey(_ file: HyperPod.File) -> String? {
        let key = String(
            file.name.value.unicodeScalars.map { scalar in
                let isKept =
                    scalar.isASCII
                    && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._".unicodeScalars.contains(scalar))
                return isKept ? Character(scalar) : "_"
            })
        if done.contains("key \(key)") { return key }
        let content = file.content?.value ?? ""
        let place = file.content ?? file.name
        guard file.encoding?.value == "base64" else {
            done.insert("key \(key)")
            fileKeys.append(Entry(key, .string(content), beside: origin(place)))
            count(content.utf8.count, place)
            return key
        }
        guard let bytes = Base64.decoded(content) else {
            report(.podFile, .warning, "file '\(file.name.value)' is left out: its content is not base64", place.range)
            return nil
        }
        done.insert("key \(key)")
        if let text = String(validating: bytes, as: UTF8.self) {
            fileKeys.append(Entry(key, .string(text), beside: origin(place)))
        } else {
            let joined = String(content.filter { !$0.isWhitespace })
            binaryFileKeys.append(Entry(key, .string(joined), beside: origin(place)))
        }
        count(bytes.count, place)
        return key
    }

    private mutating func count(_ bytes: Int, _ place: Sourced<String>) {
        let was = fileBytes
        fileBytes += bytes
        if was <= 1 << 20, fileBytes > 1 << 20 {
            report(
                .podFile, .warning, "the files have more than 1 MiB together, which a ConfigMap cannot hold; put them into an image",
                place.range)
        }
    }
}

extension HyperPod.File {
    /// hyperd fetched the file when it made the pod.
    fileprivate func uriMount(
        _ uri: Sourced<String>, _ path: String, _ use: HyperPod.FileUse, _ draft: inout PodDraft
    ) -> YAMLEmission.Item? {
        guard uri.value.hasPrefix("file://"), encoding?.value != "base64" else {
            draft.report(
                .podFile, .warning, "file '\(name.value)' is left out: hyperd fetched \(uri.value); put it into a ConfigMap or an image",
                uri.range)
            return nil
        }
        let source = String(uri.value.dropFirst("file://".count))
        draft.report(.podFileDiffers, .warning, "file '\(name.value)' is the host's own \(source) now, not a copy of it", uri.range)
        let volume = draft.uniqueName(for: name.value, prefix: "file-")
        if draft.done.insert("files \(volume)").inserted {
            let hostPath: [YAMLEmission.Entry] = [
                .init("path", .string(source), beside: draft.origin(uri)), .init("type", .string("File")),
            ]
            draft.volumes.append(.init(.mapping([.init("name", .string(volume)), .init("hostPath", .mapping(hostPath))])))
        }
        return .init(
            .mapping([
                .init("name", .string(volume), beside: draft.origin(use.file)), .init("mountPath", .string(path)),
                .init("readOnly", .boolean(true)),
            ]))
    }
}
