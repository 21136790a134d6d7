// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux

package struct Version: ParsableCommand {
    package static let configuration = CommandConfiguration(abstract: "Say which version this is.")

    package init() {}

    package func run() { write(RuntimeVersion.text + "\n", to: STDOUT_FILENO) }
}
