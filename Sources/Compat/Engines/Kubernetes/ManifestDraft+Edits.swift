// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension ManifestDraft {
    /// What changes in the text; pods that cannot be changed without changing others are reported and left alone.
    mutating func edits(of stream: YAMLStream) -> [TextEdit] {
        dropShared(stream)
        if let splices = stream.splices(for: requests.flatMap { $0.changes.map(\.change) }) { return edits(splices) }
        // One of them is in the way: each is tried on top of those before.
        var kept: [YAMLChange] = []
        for request in requests {
            let more = kept + request.changes.map(\.change)
            if stream.splices(for: more) != nil {
                kept = more
            } else {
                let message = "the text of \(request.pod.owner) does not lend itself to a small change; edit it by hand"
                warn(.notEditable, message, at: request.pod.spec)
                giveUp(request.pod)
            }
        }
        return edits(stream.splices(for: kept) ?? [])
    }

    private func edits(_ splices: [TextSplice]) -> [TextEdit] { splices.map { TextEdit(file: source.path, $0) } }

    /// A change at an anchor is a change of all its aliases, so all of them must have asked for it.
    private mutating func dropShared(_ stream: YAMLStream) {
        guard requests.contains(where: { $0.changes.contains { !$0.anchors.isEmpty } }) else { return }
        let uses = anchorUses(stream)
        var asked: [String: Int] = [:]
        for change in requests.flatMap(\.changes) { asked[identity(change.change), default: 0] += 1 }
        var accepted: Set<Int> = []
        while let request = firstMisused(uses, asked) {
            let message = "\(request.pod.owner) shares an anchor with other values that must not change with it; write it out"
            warn(.sharedAnchor, message, at: request.pod.spec)
            for change in request.changes { asked[identity(change.change), default: 0] -= 1 }
            giveUp(request.pod)
        }
        for request in requests {
            for (_, anchors) in request.changes {
                for anchor in anchors where (uses[anchor] ?? 1) > 1 && accepted.insert(anchor).inserted {
                    let message = "this is changed for all \(uses[anchor] ?? 1) places that have it by its anchor"
                    report(.changedAtAnchor, .warning, message, SourceRange(at: source.position(at: anchor)))
                }
            }
        }
    }

    private func firstMisused(_ uses: [Int: Int], _ asked: [String: Int]) -> Request? {
        for request in requests {
            for (change, anchors) in request.changes {
                if anchors.contains(where: { (uses[$0] ?? 1) != asked[identity(change)] }) { return request }
            }
        }
        return nil
    }

    /// The same for the same change of the same text.
    private func identity(_ change: YAMLChange) -> String {
        switch change {
        case .insert(let key, let value, let node): "+\(key)=\(value)@\(node.definition.offsets)"
        case .remove(let keys, let node): "-\(keys)@\(node.definition.offsets)"
        case .replace(let node, let text): "=\(text)@\(node.definition.offsets)"
        }
    }

    /// How often each anchored value occurs, every alias followed; the reader has bounded how much that can be.
    private func anchorUses(_ stream: YAMLStream) -> [Int: Int] {
        var uses: [Int: Int] = [:]
        var pending = stream.documents
        while let node = pending.popLast() {
            if node.anchor != nil || node.alias != nil { uses[node.definition.start.offset, default: 0] += 1 }
            pending += node.sequence ?? []
            pending += (node.mapping ?? []).map(\.value)
        }
        return uses
    }
}
