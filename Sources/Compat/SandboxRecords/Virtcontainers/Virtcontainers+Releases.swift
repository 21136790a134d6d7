// SPDX-License-Identifier: Apache-2.0
internal import KataText

extension RecordReading {
    /// The releases that write records with these keys: no file names a version, but most releases added or removed a key.
    mutating func releases(_ configuration: Part, state: Part?, hasAgentFile: Bool, _ place: Place) -> ClosedRange<Release> {
        let root = configuration.value
        let layout = place.layout
        var range = layout.releases as ClosedRange<Release>?
        for mark in layout.configurationMarks {
            guard let parent = mark.parent.isEmpty ? root : root[mark.parent], parent.object != nil else { continue }
            range = range?.common(with: parent.member(mark.key) == nil ? mark.absent : mark.present)
        }
        if hasAgentFile, layout.format == .virtcontainers { range = range?.common(with: ReleaseMark.since(16)) }
        if let state {
            for mark in layout.stateMarks where state.value.member(mark.key) != nil { range = range?.common(with: mark.present) }
        }
        if let range { return range }
        report(.mixedReleases, .note, "sandbox \(place.id) has keys of releases that do not go together", configuration.file)
        return layout.releases
    }
}

/// A key whose presence or absence tells releases apart.
struct ReleaseMark {
    /// The object that has it; empty for the document.
    let parent: String
    let key: String
    let present: ClosedRange<Release>
    let absent: ClosedRange<Release>

    static func since(_ patch: Int) -> ClosedRange<Release> { Release(3, 0, patch)...ClearContainersV3.releases.upperBound }
    static func until(_ patch: Int) -> ClosedRange<Release> { ClearContainersV3.releases.lowerBound...Release(3, 0, patch) }

    /// Written since that release whenever the parent is.
    private static func added(_ parent: String, _ key: String, in patch: Int) -> ReleaseMark {
        ReleaseMark(parent: parent, key: key, present: since(patch), absent: until(patch - 1))
    }

    /// Written up to that release whenever the parent was.
    private static func removed(_ parent: String, _ key: String, after patch: Int) -> ReleaseMark {
        ReleaseMark(parent: parent, key: key, present: until(patch), absent: since(patch + 1))
    }

    static let configuration: [ReleaseMark] = [
        added("HypervisorConfig", "HugePages", in: 3), added("HypervisorConfig", "DefaultBridges", in: 9),
        added("HypervisorConfig", "BlockDeviceDriver", in: 21), added("HypervisorConfig", "InitrdPath", in: 23),
        added("NetworkConfig", "InterworkingModel", in: 18), removed("VMConfig", "VCPUs", after: 21),
        removed("ProxyConfig", "URL", after: 9), removed("AgentConfig", "Sockets", after: 15),
    ]

    /// These are left out when empty, so their absence says nothing.
    static let state: [ReleaseMark] = [
        ReleaseMark(parent: "", key: "url", present: until(15), absent: ClearContainersV3.releases),
        ReleaseMark(parent: "", key: "rootfsBlockChecked", present: until(7), absent: ClearContainersV3.releases),
        ReleaseMark(parent: "", key: "ProxyPid", present: Release(3, 0, 10)...Release(3, 0, 15), absent: ClearContainersV3.releases),
    ]
}
