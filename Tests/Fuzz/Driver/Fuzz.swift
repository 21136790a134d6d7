// SPDX-License-Identifier: Apache-2.0

internal import FuzzTargets
internal import Glibc

// The build system has the program's entry named after its module, so libFuzzer is called as a library (compiler-rt, FuzzerInterface.h).
// KATA_FUZZ_TARGET names the target, `list` lists them.

private typealias TestOneInput = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(_ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments>, _ test: TestOneInput) -> CInt

private nonisolated(unsafe) var target: FuzzTarget?

@_cdecl("Fuzz_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    let name = getenv("KATA_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    if name == "list" {
        for target in FuzzTarget.all { print(([target.name] + target.seeds).joined(separator: " ")) }
        return 0
    }
    target = FuzzTarget.named(name)
    guard target != nil else {
        print("KATA_FUZZ_TARGET must be one of \(FuzzTarget.all.map(\.name).joined(separator: " ")), or 'list'")
        return 2
    }
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments, testOneInput)
}

// The library's own entry, which is linked and not used, wants this name.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
