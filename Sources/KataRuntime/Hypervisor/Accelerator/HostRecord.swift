// SPDX-License-Identifier: Apache-2.0

public import KataSystem
internal import KataText
public import SystemPackage

/// The file that remembers what was measured on this host, so that only the first sandbox after a boot waits for it.
public struct HostRecord: Sendable {
    static let version = 1

    public let path: FilePath

    public init(path: FilePath) { self.path = path }

    /// What must be the same for a measurement to hold.
    struct Subject: Codable, Equatable {
        var bootID: String
        /// Of the file system that /dev/kvm lies in, its inode and its device number.
        var fileSystem: UInt64
        var inode: UInt64
        var deviceNumber: UInt64
    }

    private struct Content: Codable {
        var version: Int
        var subject: Subject
        var kvm: Measurement
    }

    /// An absent KVM is not remembered: seeing that costs nothing, and it may be there the next moment.
    private struct Measurement: Codable {
        enum Kind: String, Codable { case sound, emulated }
        var kind: Kind
        var rate: LoopRate
    }

    /// The remembered verdict; nil when there is none about this very device and boot, or none that can be read.
    func verdict(on subject: Subject) -> KVMVerdict? {
        // A record that cannot be read is measured again and replaced; it is a cache.
        guard let bytes = try? FileSystem.read(path, limit: 1 << 16),
            let content = try? JSONDocument.parse(SourceText(path: path, bytes: bytes)).value?.decode(Content.self),
            content.version == Self.version, content.subject == subject
        else { return nil }
        switch content.kvm.kind {
        case .sound: return .sound(content.kvm.rate)
        case .emulated: return .emulated(content.kvm.rate)
        }
    }

    func remember(_ verdict: KVMVerdict, on subject: Subject) throws {
        let measurement: Measurement
        switch verdict {
        case .absent: return
        case .sound(let rate): measurement = Measurement(kind: .sound, rate: rate)
        case .emulated(let rate): measurement = Measurement(kind: .emulated, rate: rate)
        }
        let content = Content(version: Self.version, subject: subject, kvm: measurement)
        try FileSystem.makeDirectory(path.removingLastComponent(), mode: 0o700)
        try AtomicFile.write(encodeJSON(content, pretty: true), to: path)
    }

    static func subject(_ device: FilePath) -> Subject? {
        guard let status = try? FileSystem.targetStatus(device), let boot = try? ProcessIdentity.currentBootID() else { return nil }
        return Subject(
            bootID: boot, fileSystem: status.device, inode: status.inode, deviceNumber: status.deviceNumber)
    }
}

extension KVMProbe {
    /// The remembered verdict where there is one, else a new measurement, which is then remembered.
    ///
    /// - Parameter remeasure: ignores what is remembered.
    public func verdict(record: HostRecord, remeasure: Bool = false) async throws(SystemError) -> KVMVerdict {
        let subject = HostRecord.subject(device)
        if !remeasure, let subject, let known = record.verdict(on: subject) { return known }
        let verdict = try await measure()
        // Without the record the next one measures again; that is no reason to refuse this one.
        if let subject { _ = try? record.remember(verdict, on: subject) }
        return verdict
    }
}
