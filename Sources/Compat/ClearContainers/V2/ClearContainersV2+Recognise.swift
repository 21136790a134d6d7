// SPDX-License-Identifier: Apache-2.0
internal import KataText
internal import SystemPackage

extension ClearContainersV2 {
    /// What a file is for: by its name, or else by what it holds; nil for a file of another system.
    static func part(of source: SourceText) -> Part? {
        let name = source.path.lastComponent?.string ?? ""
        if name.hasPrefix("hypervisor.args") { return .arguments }
        if name.hasPrefix("kernel-cmdline") { return .kernelLine }
        if name.hasPrefix("cc-oci-runtime.sh.cfg") { return .flags }
        if name.hasPrefix("vm.json") { return .machine }
        if let root = root(of: source) {
            guard machine(in: root) != nil else { return nil }
            return root["ociVersion"] == nil ? .machine : .bundle
        }
        return holdsArguments(source) ? .arguments : nil
    }

    /// Whether a document is of this dialect: by its name and directory, or by what only Clear Containers 2 wrote.
    static func recognise(_ reading: RecognitionReading) -> Recognition? {
        let source = reading.source
        guard let part = part(of: source) else { return nil }
        let isAtHome = source.path.components.dropLast().contains { $0.string == "cc-oci-runtime" }
        var reasons = isAtHome ? ["it lies in a directory cc-oci-runtime"] : []
        var isCertain = isAtHome
        switch part {
        case .machine, .bundle:
            if machine(in: root(of: source)) != nil {
                reasons.append("it has an object \"vm\" with a kernel and an image")
                isCertain = isCertain || part == .machine
            }
        case .arguments:
            if holdsArguments(source) {
                reasons.append("it has QEMU's arguments with tags of Clear Containers")
                isCertain = true
            }
        case .kernelLine:
            if packagedReleases(of: source) != nil { reasons.append("it has the kernel parameters of Clear Containers' guest") }
        case .flags:
            reasons.append("it has the name of a file of cc-oci-runtime")
            isCertain = true
        }
        if reasons.isEmpty { return nil }
        return Recognition(
            dialect: id, confidence: isCertain ? .certain : .likely, reasons: reasons,
            releases: packagedReleases(of: source)?.releases ?? releases)
    }

    /// The `vm` object of a document, if it looks like one.
    static func machine(in root: JSONValue?) -> JSONValue? {
        guard let vm = root?["vm"], vm["path"] != nil || vm["image"] != nil || vm["kernel"]?.object != nil else { return nil }
        return vm
    }

    private static func root(of source: SourceText) -> JSONValue? {
        let first = source.bytes.first { $0 != 0x20 && !(0x09...0x0D).contains($0) }
        return first == UInt8(ascii: "{") ? JSONDocument.parse(source).partial?.root : nil
    }

    /// Tags that stand in every packaged `hypervisor.args`, and in no other file.
    private static func holdsArguments(_ source: SourceText) -> Bool {
        let tags = ["@COMMS_SOCKET@", "@AGENT_CTL_SOCKET@", "@KERNEL_PARAMS@"]
        // A packaged file is about a kilobyte; a file of megabytes is not searched whole for each dialect.
        let start = source.bytes.prefix(65_536)
        guard start.contains(UInt8(ascii: "@")) else { return false }
        let text = String(decoding: start, as: UTF8.self)
        return tags.contains { text.contains($0) }
    }
}
