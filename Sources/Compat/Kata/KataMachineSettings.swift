// SPDX-License-Identifier: Apache-2.0
internal import KataConfig

/// What a file of Kata's says of the machine, and the defaults of a release where it says nothing.
struct KataMachineSettings {
    let release: Release
    let host: LegacyMachine.Host
    /// What the file itself says of QEMU; the defaults differ by release and so are not taken from the rules.
    private let said: [String: ConfigValue]
    let settings: EffectiveSettings

    init(_ settings: EffectiveSettings, release: Release, host: LegacyMachine.Host) {
        self.release = release
        self.host = host
        self.settings = settings
        let own = settings.settings.filter { $0.place != nil && $0.rule.source.table == ConfigTable.hypervisor.path }
        said = Dictionary(own.map { ($0.rule.source.name, $0.value) }) { _, last in last }
    }

    /// Empty text stands for the default, as it did.
    func text(_ name: String, _ own: String = "") -> String {
        if case .string(let text)? = said[name], !text.isEmpty { text } else { own }
    }

    func number(_ name: String, _ own: Int64 = 0) -> Int64 {
        switch said[name] {
        case .integer(let number)?: number
        case .number(let number)?: Int64(number.rounded(.up))
        default: own
        }
    }

    func flag(_ name: String, _ own: Bool = false) -> Bool {
        if case .boolean(let flag)? = said[name] { flag } else { own }
    }

    /// The words that are not empty, with a sign between them.
    func joined(_ words: [String], by sign: String = ",") -> String { words.filter { !$0.isEmpty }.joined(separator: sign) }

    /// The most CPUs that can be plugged in, up to what QEMU took.
    func mostProcessors(upTo limit: Int64) -> Int64 {
        let wanted = number("default_maxvcpus")
        return min(wanted == 0 ? limit : wanted, min(Int64(host.processors), limit))
    }

    var processors: Int64 {
        let wanted = number("default_vcpus", 1)
        if wanted < 0 { return Int64(host.processors) }
        return min(max(wanted, 1), Int64(host.processors))
    }
}
