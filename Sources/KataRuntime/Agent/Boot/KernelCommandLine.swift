// SPDX-License-Identifier: Apache-2.0

/// The parameters of /proc/cmdline, in order (kernel-parameters: blanks separate, double quotes protect blanks).
package struct KernelCommandLine: Sendable, Equatable {
    package struct Parameter: Sendable, Equatable {
        package let name: String
        /// nil for a bare flag.
        package let value: String?
    }

    package let parameters: [Parameter]

    package init(parsing text: String) {
        var words: [String] = []
        var word = ""
        var quoted = false
        for character in text {
            if character == "\"" {
                quoted.toggle()
            } else if character.isWhitespace && !quoted {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        parameters = words.prefix { $0 != "--" }.map { word in
            guard let sign = word.firstIndex(of: "=") else { return Parameter(name: word, value: nil) }
            return Parameter(name: String(word[..<sign]), value: String(word[word.index(after: sign)...]))
        }
    }

    /// The last value wins, as in the kernel.
    package subscript(_ name: String) -> String? { parameters.last { $0.name == name }?.value }

    /// `agent.debug_console`, Kata's word for programs outside of containers.
    package var hasDebugConsole: Bool { parameters.contains { $0.name == "agent.debug_console" } }

    /// `agent.log`, one of Kata's level names.
    package var logLevel: LogLevel { self["agent.log"].flatMap(LogLevel.init(kataName:)) ?? .info }
}
