// SPDX-License-Identifier: Apache-2.0

/// One word of the kernel's command line: `key` or `key=value`.
public struct KernelParameter: Sendable, Hashable, CustomStringConvertible {
    public var key: String
    public var value: String?

    public init(_ key: String, _ value: String? = nil) {
        self.key = key
        self.value = value
    }

    public var description: String { value.map { "\(key)=\($0)" } ?? key }

    /// Splits at spaces outside double quotes, as the kernel does (lib/cmdline.c, next_arg); quotes stay as written.
    public static func parse(_ text: String) -> [KernelParameter] {
        var words: [String] = []
        var word = ""
        var quoted = false
        for character in text {
            if character == "\"" { quoted.toggle() }
            if character.isWhitespace && !quoted {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words.map { word in
            guard let equals = word.firstIndex(of: "=") else { return KernelParameter(word) }
            return KernelParameter(String(word[..<equals]), String(word[word.index(after: equals)...]))
        }
    }
}

/// The kernel's command line as an ordered list (Documentation/admin-guide/kernel-parameters.rst).
public struct KernelCommandLine: Sendable, Equatable {
    public var parameters: [KernelParameter]

    public init(_ parameters: [KernelParameter]) { self.parameters = parameters }

    public var text: String { parameters.map(\.description).joined(separator: " ") }

    /// COMMAND_LINE_SIZE of x86 without the terminator.
    public static let maximumBytes = 2047

    /// Composes the command line of a sandbox.
    ///
    /// - Parameters:
    ///   - agent: what the agent reads, such as `agent.log=info`.
    ///   - user: the configuration's kernel_params; they stand last because for most keys the kernel takes the last.
    public static func sandbox(
        maximumProcessors: Int, debug: Bool, agent: [KernelParameter], user: [KernelParameter]
    ) -> KernelCommandLine {
        var all = base
        all.append(KernelParameter("nr_cpus", "\(maximumProcessors)"))
        if !debug { all.append(KernelParameter("quiet")) }
        return KernelCommandLine(all + agent + user)
    }

    /// The console's log is the only witness of a boot that fails; a panic must end the machine at once, and with
    /// QEMU's -no-reboot a triple fault does. The i8042 and UART words skip probes of devices that are not there; the timing
    /// words skip checks of clocks that a hypervisor keeps right. Together they halve the boot under emulation.
    private static let base = KernelParameter.parse(
        """
        console=ttyS0 panic=-1 reboot=t 8250.nr_uarts=1 i8042.direct=1 i8042.dumbkbd=1 i8042.nopnp=1 i8042.noaux=1 \
        tsc=reliable no_timer_check noreplace-smp cryptomgr.notests rcupdate.rcu_expedited=1 random.trust_cpu=on \
        net.ifnames=0 dummy.numdummies=0 pci=lastbus=0 memhp_default_state=online
        """)
}
