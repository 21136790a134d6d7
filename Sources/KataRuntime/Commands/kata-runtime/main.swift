// SPDX-License-Identifier: Apache-2.0

internal import Compat
internal import Glibc
internal import KataRuntime
internal import KataSandbox
internal import KataSystem
internal import SystemPackage

// The name decides: a stub and a shim must not touch what starts threads before they have set themselves up.
let arguments = CommandLine.arguments
let words = Array(arguments.dropFirst())
let legacy = Registry.translation(assets: .installed()) { $0.companionsOnHost(of: $1) }
switch FilePath(arguments.first ?? "").lastComponent?.string {
case StubProcess.name: exit(StubProcess.main(arguments))
case MemoryAlarm.name: exit(MemoryAlarm.main(arguments))
case MemoryAlarm.ballastName: exit(MemoryAlarm.ballast())
case ShimLaunch.name: exit(ShimProcess.main(arguments: arguments, translateLegacy: legacy))
case let name?:
    let reading = LegacyCommandLine.named(name)?.reading(
        of: words, hasConfiguration: { KataRuntimeCommand.hasConfiguration }, exists: { FileSystem.exists($0) })
    switch reading ?? .run(words) {
    case .run(let today): exit(KataRuntimeCommand.main(arguments: today, translateLegacy: legacy))
    case .answer(let text): exit(KataRuntimeCommand.answer(text))
    case .refusal(let reason): exit(KataRuntimeCommand.refuse(reason, arguments: words))
    }
case nil: exit(KataRuntimeCommand.main(arguments: words, translateLegacy: legacy))
}
