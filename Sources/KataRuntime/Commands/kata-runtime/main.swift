// SPDX-License-Identifier: Apache-2.0

import KataRuntime
import KataSandbox
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

// The name decides: a stub and a shim must not touch what starts threads before they have set themselves up.
let arguments = CommandLine.arguments
switch FilePath(arguments.first ?? "").lastComponent?.string {
case StubProcess.name: exit(StubProcess.main())
case ShimLaunch.name: exit(ShimProcess.main(arguments: arguments, translateLegacy: { _, _ in nil }))
default: exit(KataRuntimeCommand.main(arguments: Array(arguments.dropFirst()), translateLegacy: { _, _ in nil }))
}
