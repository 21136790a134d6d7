// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import SystemPackage

/// Runs `body` on a thread of its own, for calls that block.
///
/// - Parameters:
///   - name: shown by ps and debuggers, at most 15 bytes.
///   - stackKiB: a stack this small costs address space only; a pump needs 64.
/// - Throws: EAGAIN when the host allows no further thread.
public func startThread(
    name: StaticString, stackKiB: Int = 256, _ body: @escaping @Sendable () -> Void
) throws(SystemError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackKiB * 1024)
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    let work = Unmanaged.passRetained(ThreadWork(name: name, body: body))
    var thread = pthread_t()
    let code = pthread_create(&thread, &attributes, { run($0) }, work.toOpaque())
    if code != 0 {
        work.release()
        throw SystemError(call: "pthread_create", subject: "\(name)", errno: .init(rawValue: code))
    }
}

private final class ThreadWork: Sendable {
    let name: StaticString
    let body: @Sendable () -> Void

    init(name: StaticString, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let work = Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue()
    prctl_set_name(work.name)
    work.body()
    return nil
}

private func prctl_set_name(_ name: StaticString) {
    name.withUTF8Buffer { bytes in
        _ = cl_prctl(PR_SET_NAME, UInt(bitPattern: bytes.baseAddress))
    }
}

/// Runs a blocking call on a thread of its own and suspends the caller meanwhile.
public func blocking<Result: Sendable>(
    _ name: StaticString, _ body: @escaping @Sendable () -> Result
) async throws(SystemError) -> Result {
    let outcome: Swift.Result<Result, SystemError> = await withCheckedContinuation { continuation in
        do throws(SystemError) {
            try startThread(name: name) { continuation.resume(returning: .success(body())) }
        } catch {
            continuation.resume(returning: .failure(error))
        }
    }
    return try outcome.get()
}
