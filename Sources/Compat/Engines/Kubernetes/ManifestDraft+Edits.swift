// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension ManifestDraft {
    /// How many pods are tried one by one when all together cannot be edited: each try reads the file again.
    private static let mostTries = 64

    /// What changes in the text; pods that cannot be changed without changing others are reported and left alone.
    mutating func edits(of stream: YAMLStream) -> [TextEdit] {
        dropShared(stream)
        drop(.notEditable, "does not lend itself to a small change; edit it by hand") { request in
            !stream.isEditable(request.changes.map(\.change))
        }
        if let splices = stream.splices(for: requests.flatMap { $0.changes.map(\.change) }) { return edits(splices) }
        // One of them is in the way: each is tried on top of those before.
        var kept: [YAMLChange] = []
        var tries = 0
        drop(.notEditable, "does not lend itself to a small change; edit it by hand") { request in
            let more = kept + request.changes.map(\.change)
            tries += 1
            guard tries <= Self.mostTries, stream.splices(for: more) != nil else { return true }
            kept = more
            return false
        }
        return edits(stream.splices(for: kept) ?? [])
    }

    private func edits(_ splices: [TextSplice]) -> [TextEdit] { splices.map { TextEdit(file: source.path, $0) } }

    /// Gives up the pods for which a condition holds.
    private mutating func drop(_ code: DiagnosticCode, _ reason: String, where isHopeless: (Request) -> Bool) {
        var kept: [Request] = []
        for request in requests {
            if isHopeless(request) { giveUp(request, code, "\(request.pod.owner) \(reason)") } else { kept.append(request) }
        }
        requests = kept
    }

    /// A change at an anchor is a change of all its aliases, so all of them must have asked for it.
    private mutating func dropShared(_ stream: YAMLStream) {
        guard requests.contains(where: { $0.changes.contains { !$0.anchors.isEmpty } }) else { return }
        let uses = anchorUses(stream)
        var before = requests.count + 1
        // A pod that is given up may have been what another relied on.
        while requests.count < before {
            before = requests.count
            var asked: [String: Int] = [:]
            for change in requests.flatMap(\.changes) { asked[change.identity, default: 0] += 1 }
            drop(.sharedAnchor, "shares an anchor with other values that must not change with it; write it out") { request in
                request.changes.contains { change in change.anchors.contains { (uses[$0] ?? 1) != asked[change.identity] } }
            }
        }
        let shared = Set(requests.flatMap(\.changes).flatMap(\.anchors)).filter { (uses[$0] ?? 1) > 1 }
        for anchor in shared.sorted() {
            let message = "this is changed for all \(uses[anchor] ?? 1) places that have it by its anchor"
            report(.changedAtAnchor, .warning, message, SourceRange(at: source.position(at: anchor)))
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
