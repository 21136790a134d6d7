// SPDX-License-Identifier: Apache-2.0

internal import KataOCI
internal import KataText

/// What is wrong in a specification whose members all have their types: values that are out of range or that nothing knows
/// (runtime-spec, config.md and config-linux.md). Found before a machine is booted, and all of it at once.
struct SpecCheck {
    /// A way to a value: names of members and numbers of elements.
    enum Step: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case member(String)
        case element(Int)

        init(stringLiteral name: String) { self = .member(name) }
        init(integerLiteral index: Int) { self = .element(index) }
    }

    private(set) var problems: [(path: [Step], message: String)] = []

    init(_ spec: Spec) {
        for key in (spec.annotations ?? [:]).keys where key.isEmpty { add(["annotations"], "a key is empty") }
        for (name, text) in [("hostname", spec.hostname), ("domainname", spec.domainname)] {
            let length = (text ?? "").utf8.count
            require(length <= Self.longestHostName, [.member(name)], "it has \(length) bytes, the kernel takes \(Self.longestHostName)")
        }
        for (index, mount) in (spec.mounts ?? []).enumerated() {
            let path: [Step] = ["mounts", .element(index)]
            require(!mount.destination.isEmpty, path + ["destination"], "it is empty")
            check(mappings: mount.uidMappings, path + ["uidMappings"])
            check(mappings: mount.gidMappings, path + ["gidMappings"])
        }
        if let process = spec.process { check(process, ["process"]) }
        if let hooks = spec.hooks { check(hooks) }
        if let linux = spec.linux {
            check(linux)
            if let resources = linux.resources { check(resources, ["linux", "resources"]) }
            if let seccomp = linux.seccomp { check(seccomp) }
        }
    }

    /// A process in a document of its own.
    init(process: ProcessSpec) {
        check(process, [])
        require(!(process.args ?? []).isEmpty, ["args"], "there is no program")
    }

    /// Resources in a document of their own.
    init(resources: LinuxResources) { check(resources, []) }

    /// __NEW_UTS_LEN.
    private static let longestHostName = 64

    mutating func add(_ path: [Step], _ message: String) { problems.append((path, message)) }

    mutating func require(_ isFine: Bool, _ path: [Step], _ message: @autoclosure () -> String) {
        if !isFine { add(path, message()) }
    }

    mutating func oneOf(_ names: some Sequence<String>, _ value: String, _ path: [Step]) {
        if names.contains(value) { return }
        let near = nearestName(to: value, in: Array(names)).map { ", did you mean '\($0)'?" } ?? ""
        add(path, "'\(value)' is none of those that there are\(near)")
    }

    mutating func number<Number: BinaryInteger>(_ number: Number?, _ range: ClosedRange<Number>, _ path: [Step]) {
        guard let number, !range.contains(number) else { return }
        add(path, "\(number) is not from \(range.lowerBound) to \(range.upperBound)")
    }

    /// -1 as an id leaves an id as it is (chown(2), setresuid(2)).
    mutating func id(_ number: UInt32?, _ path: [Step]) {
        require(number != .max, path, "\(UInt32.max) is no id")
    }

    /// A list of the kernel's (cpuset(7), Formats): `0-3,7`.
    mutating func list(_ text: String?, _ path: [Step]) {
        guard let text, !text.isEmpty else { return }
        require(
            text.allSatisfy { $0.isASCII && $0.isNumber || "-, \n".contains($0) } && text.contains { $0.isNumber }, path,
            "'\(text)' is not a list such as 0-3,7")
    }

    private mutating func check(_ hooks: HookSpecs) {
        let points: [(Step, [HookSpec]?)] = [
            ("prestart", hooks.prestart), ("createRuntime", hooks.createRuntime), ("createContainer", hooks.createContainer),
            ("startContainer", hooks.startContainer), ("poststart", hooks.poststart), ("poststop", hooks.poststop),
        ]
        for (point, list) in points {
            for (index, hook) in (list ?? []).enumerated() {
                let path: [Step] = ["hooks", point, .element(index)]
                require(hook.path.hasPrefix("/"), path + ["path"], "'\(hook.path)' is not an absolute path")
                if let timeout = hook.timeout { require(timeout > 0, path + ["timeout"], "\(timeout) is not above zero") }
            }
        }
    }
}

extension SpecCheck {
    /// The problems with their places, `config.json:7:12: 'process.cwd': …`.
    func located(in document: JSONDocument) -> [String] {
        (problems + Self.cutTexts(in: document.root)).map { path, message in
            var value = document.root
            for step in path {
                switch step {
                case .member(let key): value = value[key] ?? value
                case .element(let index):
                    if let array = value.array, array.indices.contains(index) { value = array[index] }
                }
            }
            return "\(SpecPlace(document, value)): '\(Self.spelled(path))': \(message)"
        }
    }

    /// The problems of values that stand in no document.
    var unlocated: [String] { problems.map { "'\(Self.spelled($0.path))': \($0.message)" } }

    private static func spelled(_ path: [Step]) -> String {
        path.reduce(into: "") { name, step in
            switch step {
            case .member(let key): name += name.isEmpty ? key : ".\(key)"
            case .element(let index): name += "[\(index)]"
            }
        }
    }

    /// What holds a NUL: the kernel, and all that C has made, would take what stands before it for the whole.
    private static func cutTexts(in value: JSONValue, _ path: [Step] = []) -> [(path: [Step], message: String)] {
        if let text = value.string {
            return text.utf8.contains(0) ? [(path, "it holds the character NUL, which would end it there")] : []
        }
        if let array = value.array {
            return array.enumerated().flatMap { cutTexts(in: $1, path + [.element($0)]) }
        }
        return (value.object ?? []).flatMap { member -> [(path: [Step], message: String)] in
            // Words between an engine and its hooks, or for a listener: no C string is made of them.
            if member.key == "annotations" && path.isEmpty || member.key == "listenerMetadata" { return [] }
            if member.key.utf8.contains(0) { return [(path, "a key holds the character NUL, which would end it there")] }
            return cutTexts(in: member.value, path + [.member(member.key)])
        }
    }
}
