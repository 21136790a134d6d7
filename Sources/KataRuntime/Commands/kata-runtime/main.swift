// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import Glibc
internal import KataRuntime
internal import KataSandbox
internal import KataSystem
internal import SystemPackage

// The name decides: a stub and a shim must not touch what starts threads before they have set themselves up.
let arguments = CommandLine.arguments
let legacy = Registry.translation(assets: .installed())
switch FilePath(arguments.first ?? "").lastComponent?.string {
case StubProcess.name: exit(StubProcess.main(arguments))
case ShimLaunch.name: exit(ShimProcess.main(arguments: arguments, translateLegacy: legacy))
case let name?:
    var words = Array(arguments.dropFirst())
    if let old = LegacyCommandLine.named(name) {
        // Kata's own configuration, where there is one, is what the host was moved to.
        words = old.arguments(for: words) { places in
            KataRuntimeCommand.hasConfiguration ? nil : places.first(where: FileSystem.exists)
        }
    }
    exit(KataRuntimeCommand.main(arguments: words, translateLegacy: legacy))
case nil: exit(KataRuntimeCommand.main(arguments: Array(arguments.dropFirst()), translateLegacy: legacy))
}
