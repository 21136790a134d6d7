// SPDX-License-Identifier: Apache-2.0

internal import FuzzTargets
internal import Glibc

// libFuzzer has the program's entry and calls these two (compiler-rt, FuzzerInterface.h). KATA_FUZZ_TARGET names the target.

private let target: FuzzTarget = {
    let name = getenv("KATA_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.named(name) else {
        print("KATA_FUZZ_TARGET must be one of \(FuzzTarget.all.map(\.name).joined(separator: " ")), or 'list'")
        exit(2)
    }
    return target
}()

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    if getenv("KATA_FUZZ_TARGET").map({ String(cString: $0) }) == "list" {
        for target in FuzzTarget.all { print(([target.name] + target.seeds).joined(separator: " ")) }
        exit(0)
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
