// SPDX-License-Identifier: Apache-2.0
public import KataText

extension HypervisorArguments {
    /// One option of QEMU.
    public struct Option: Sendable, Hashable {
        /// Without its dashes; empty for an argument that belongs to no option, which QEMU took for a disk image.
        public let name: String
        /// Where the name stands, or the argument.
        public let nameRange: SourceRange
        /// What it was given; nil for an option that takes nothing.
        public let value: Argument?
    }

    /// The arguments behind the binary as QEMU paired them.
    public var options: [Option] {
        var options: [Option] = []
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            guard argument.text.hasPrefix("-"), argument.text.count > 1 else {
                options.append(Option(name: "", nameRange: argument.range, value: argument))
                continue
            }
            // QEMU takes --name for -name.
            let name = argument.text.dropFirst(argument.text.hasPrefix("--") ? 2 : 1)
            let value = Self.switches.contains(String(name)) ? nil : rest.popFirst()
            options.append(Option(name: name == "M" ? "machine" : String(name), nameRange: argument.range, value: value))
        }
        return options
    }

    static func isSwitch(_ name: String) -> Bool { switches.contains(String(name.drop { $0 == "-" })) }

    /// Options of QEMU 2.6 to 2.9 that take nothing.
    private static let switches: Set<String> = [
        "S", "s", "alt-grab", "ctrl-grab", "curses", "daemonize", "enable-fips", "enable-kvm", "full-screen", "g", "h", "help",
        "mem-prealloc", "no-acpi", "no-fd-bootchk", "no-frame", "no-hpet", "no-kvm", "no-kvm-irqchip", "no-kvm-pit",
        "no-kvm-pit-reinjection", "no-quit", "no-reboot", "no-shutdown", "no-user-config", "nodefaults", "nodefconfig", "nographic",
        "old-param", "only-migratable", "portrait", "rtc-td-hack", "sdl", "semihosting", "show-cursor", "singlestep", "snapshot",
        "tdf", "usb", "version", "win2k-hack",
    ]

    /// One `key=value` of an option's list.
    public struct Item: Sendable, Hashable {
        /// The key; the first item has the implied one when it names none, and any other without `=` is `on`.
        public let key: String
        /// The value; nil for a word without `=` that is not the first.
        public let value: String?
        /// As written.
        public let text: String
    }
}

extension HypervisorArguments.Option {
    /// The value as QEMU reads lists: divided by commas, of which two stand for one.
    public func items(implied: String) -> [HypervisorArguments.Item] {
        guard let value else { return [] }
        var texts: [String] = [""]
        var rest = Substring(value.text)
        while let character = rest.popFirst() {
            if character != "," {
                texts[texts.count - 1].append(character)
            } else if rest.first == "," {
                rest.removeFirst()
                texts[texts.count - 1].append(",")
            } else {
                texts.append("")
            }
        }
        return texts.enumerated().filter { !$0.element.isEmpty }.map { place, text in
            let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { return HypervisorArguments.Item(key: String(pair[0]), value: String(pair[1]), text: text) }
            return place == 0
                ? HypervisorArguments.Item(key: implied, value: text, text: text)
                : HypervisorArguments.Item(key: text, value: nil, text: text)
        }
    }
}
