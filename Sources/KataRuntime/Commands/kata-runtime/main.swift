// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import Glibc
internal import KataRuntime
internal import KataSandbox
internal import SystemPackage

// The name decides: a stub and a shim must not touch what starts threads before they have set themselves up.
let arguments = CommandLine.arguments
let legacy = Registry.translation(assets: .installed())
switch FilePath(arguments.first ?? "").lastComponent?.string {
case StubProcess.name: exit(StubProcess.main(arguments))
case ShimLaunch.name: exit(ShimProcess.main(arguments: arguments, translateLegacy: legacy))
default: exit(KataRuntimeCommand.main(arguments: Array(arguments.dropFirst()), translateLegacy: legacy))
}
