// SPDX-License-Identifier: Apache-2.0
internal import KataConfig
internal import KataText

// hypervisor.args.
extension V2Reading {
    mutating func readArguments() {
        checkText()
        let read = HypervisorArguments(reading: source)
        for range in read.emptyArguments {
            let message = "a line of blanks, or a comment behind blanks, gave QEMU an empty argument; only '#' at the start hides a line"
            report(.cc2EmptyArgument, .warning, message, range)
        }
        guard let binary = read.binary else {
            report(.cc2Refused, .error, "the file names no program; cc-oci-runtime started no container")
            return
        }
        set(LegacyKey(["qemu"], "program"), .string(binary.text), binary.range, binary.range)
        let options = read.options
        checkTags(of: read)
        for option in options { readOption(option) }
        reportRemoved(options)
    }

    /// A tag that a release did not replace reached QEMU as it stands.
    private mutating func checkTags(of read: HypervisorArguments) {
        // Later releases knew fewer.
        let known = ClearContainersV2.tags(of: releases.lowerBound)
        let everywhere = ClearContainersV2.tags(of: Release(2, 0, 0))
        for argument in read.arguments {
            let pieces = argument.text.split(separator: "@", omittingEmptySubsequences: false).dropFirst().dropLast()
            for piece in pieces where !known.contains(String(piece)) {
                let isOlder = everywhere.contains(String(piece))
                let looksLikeTag = !piece.isEmpty && piece.allSatisfy { $0.isUppercase || $0 == "_" }
                guard isOlder || (looksLikeTag && piece != "QEMU_PATH") else { continue }
                report(.cc2UnknownTag, .warning, "\(releases.title) put nothing in place of '@\(piece)@'", argument.range)
            }
        }
    }

    private mutating func readOption(_ option: HypervisorArguments.Option) {
        let packaged = packagedOptions.contains { $0.name == option.name && $0.value == option.value?.text }
        let key = Self.key(of: option)
        let value = option.value.map { ConfigValue.string($0.text) } ?? .boolean(true)
        let range = option.value?.range ?? option.nameRange
        if option.name.isEmpty, ClearContainersV2.networkTags.contains(option.value?.text ?? "") {
            setPackaged(key, value, option.nameRange, range)
            return
        }
        switch option.name {
        case "m", "smp", "machine", "cpu": readItems(of: option)
        case "append": readAppend(option)
        case _ where packaged: setPackaged(key, value, option.nameRange, range)
        case "object": readObject(option)
        case "mem-path" where !Self.isHugePages(option.value?.text ?? ""):
            set(LegacyKey(["qemu"], "-mem-path of files"), value, option.nameRange, range)
        default:
            if option.value == nil, !ClearContainersV2.isSwitch(key) {
                refuse(key, option.nameRange, .cc2Refused, "QEMU refused to start: -\(option.name) needs an argument")
            } else {
                set(key, value, option.nameRange, range)
            }
        }
    }

    var packagedOptions: [ClearContainersV2.PackagedOption] {
        let hasSharedRoot = releases.lowerBound < Release(2, 2, 0)
        return ClearContainersV2.packagedOptions + (hasSharedRoot ? ClearContainersV2.sharedRootOptions : [])
    }

    /// `qemu.-device.virtio-rng-pci`, `qemu.-bios`: what an option is about, which decides what becomes of it.
    private static func key(of option: HypervisorArguments.Option) -> LegacyKey {
        if option.name.isEmpty { return LegacyKey(["qemu"], "disk image") }
        guard option.name == "device" || option.name == "object" else { return LegacyKey(["qemu"], "-\(option.name)") }
        let items = option.items(implied: option.name == "device" ? "driver" : "qom-type")
        let kind = items.first { $0.key == "driver" || $0.key == "qom-type" }?.value ?? ""
        let family = option.name == "device" ? ClearContainersV2.deviceFamily(of: kind) : kind
        return LegacyKey(["qemu", "-\(option.name)"], family)
    }

    static func isHugePages(_ path: String) -> Bool { path.contains("huge") }

    private mutating func readObject(_ option: HypervisorArguments.Option) {
        let items = option.items(implied: "qom-type")
        let key = Self.key(of: option)
        let range = option.value?.range ?? option.nameRange
        func item(_ name: String) -> String? { items.last { $0.key == name }?.value }
        switch key.name {
        case "memory-backend-file" where Self.isHugePages(item("mem-path") ?? ""):
            set(LegacyKey(key.table, "memory-backend-file on huge pages"), .string(option.value?.text ?? ""), option.nameRange, range)
        case "rng-random":
            set(key, .string(item("filename") ?? "/dev/random"), option.nameRange, range)
        default:
            set(key, .string(option.value?.text ?? ""), option.nameRange, range)
        }
    }

    /// What the packages had and this file has not.
    private mutating func reportRemoved(_ options: [HypervisorArguments.Option]) {
        // Their items are looked at one by one.
        let apart: Set<String> = ["m", "smp", "machine", "cpu", "append"]
        let removed = ClearContainersV2.packagedOptions.filter { packaged in
            !apart.contains(packaged.name) && !options.contains { $0.name == packaged.name && $0.value?.text == packaged.value }
        }
        // A file that shares little with the packaged one was not made from it.
        guard !removed.isEmpty, removed.count * 2 < ClearContainersV2.packagedOptions.count else { return }
        let list = removed.map { "-\($0.name)\($0.value.map { " \($0)" } ?? "")" }.joined(separator: "; ")
        report(.cc2Removed, .note, "the packaged file also has \(list); today's runtime arranges its own machine")
    }
}

// Options that are lists of settings.
extension V2Reading {
    private static let impliedKeys = ["m": "size", "smp": "cpus", "machine": "type", "cpu": "model"]

    private mutating func readItems(of option: HypervisorArguments.Option) {
        let implied = Self.impliedKeys[option.name] ?? ""
        guard let value = option.value else {
            refuse(
                LegacyKey(["qemu"], "-\(option.name)"), option.nameRange, .cc2Refused,
                "QEMU refused to start: -\(option.name) needs an argument")
            return
        }
        let packagedText = ClearContainersV2.packagedOptions.first { $0.name == option.name }?.value
        let packaged = packagedText.map { text in
            let argument = HypervisorArguments.Argument(text: text, range: value.range)
            return HypervisorArguments.Option(name: option.name, nameRange: value.range, value: argument).items(implied: implied)
        }
        let table = ["qemu", "-\(option.name)"]
        var others: [String] = []
        var places = Places(value, in: source)
        for item in option.items(implied: implied) {
            let key = LegacyKey(table, item.key)
            let range = places.range(of: item.text)
            if packaged?.contains(item) == true {
                setPackaged(key, .string(item.value ?? "on"), range, range)
            } else if ClearContainersV2.rule(of: key) != nil {
                readItem(key, item.value ?? "on", range)
            } else {
                others.append(item.text)
            }
        }
        if option.name == "smp", let product = Self.processors(of: option) {
            set(LegacyKey(table, "cpus"), .integer(product), option.nameRange, value.range)
        }
        if !others.isEmpty {
            set(LegacyKey(table, "other items"), .string(others.joined(separator: ",")), option.nameRange, value.range)
        }
    }

    /// What QEMU made of a topology without a number of processors; nil when there is a number.
    private static func processors(of option: HypervisorArguments.Option) -> Int64? {
        let items = option.items(implied: "cpus")
        if items.contains(where: { $0.key == "cpus" }) { return nil }
        return ["sockets", "cores", "threads"].reduce(1 as Int64?) { product, key in
            let factor = items.last { $0.key == key }?.value.flatMap { Int64($0) } ?? 1
            return product.flatMap { (1...255).contains(factor) ? $0 * factor : nil }
        }
    }

    private mutating func readItem(_ key: LegacyKey, _ text: String, _ range: SourceRange) {
        guard let rule = ClearContainersV2.rule(of: key), case .integer(let bounds) = rule.type else {
            set(key, .string(text), range, range)
            return
        }
        let isSize = key.table.last == "-m" && key.name != "slots"
        guard let number = isSize ? HypervisorArguments.mebibytes(text) : Int64(text), bounds.contains(number) else {
            refuse(key, range, .cc2Refused, "QEMU refused to start: \(key) cannot be \(ConfigValue.string(text).tomlText)")
            return
        }
        set(key, .integer(number), range, range)
    }

    /// Words of the kernel's command line beside the tags that stand for vm.json's.
    private mutating func readAppend(_ option: HypervisorArguments.Option) {
        let key = LegacyKey(["qemu"], "-append")
        guard let value = option.value else {
            refuse(key, option.nameRange, .cc2Refused, "QEMU refused to start: -append needs an argument")
            return
        }
        var words = value.text.split(whereSeparator: \.isWhitespace).map(String.init)
        words.removeAll { $0 == "@KERNEL_PARAMS@" || $0 == "@KERNEL_NET_PARAMS@" }
        let isWhole = !value.text.contains("@KERNEL_PARAMS@")
        let chosen = isWhole ? chosenWords(of: words.joined(separator: " "), value.range) : words
        if chosen.isEmpty {
            setPackaged(key, .string(value.text), option.nameRange, value.range)
        } else {
            set(key, .string(chosen.joined(separator: " ")), option.nameRange, value.range)
        }
    }
}

/// Where the items of an argument stand.
private struct Places {
    private let source: SourceText
    private let range: SourceRange
    private var text: Substring
    private var offset: Int

    init(_ argument: HypervisorArguments.Argument, in source: SourceText) {
        self.source = source
        range = argument.range
        text = Substring(argument.text)
        offset = argument.range.start.offset
    }

    /// The next item's; that of the whole argument where it is so long that each place would cost its length again.
    mutating func range(of item: String) -> SourceRange {
        guard range.offsets.count <= 4096, let found = text.firstRange(of: item) else { return range }
        let start = offset + text[..<found.lowerBound].utf8.count
        let end = start + text[found].utf8.count
        text = text[found.upperBound...]
        offset = end
        return SourceRange(start: source.position(at: start), end: source.position(at: end))
    }
}
