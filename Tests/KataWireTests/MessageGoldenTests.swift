// SPDX-License-Identifier: Apache-2.0

import Foundation
import KataTestSupport
import SwiftProtobuf
import SystemPackage
import Testing

@testable import KataWire

/// `fixtures/wire/messages/<message>.<case>`: a message as text, and the bytes that Kata's own definitions make of it.
struct GoldenMessage: CustomTestStringConvertible, Sendable {
    let name: String
    let type: any Message.Type
    let text: String
    let bytes: [UInt8]

    var testDescription: String { name }

    static let types: [String: any Message.Type] = [
        "Spec": WireSpec.self, "CreateSandboxRequest": WireCreateSandboxRequest.self,
        "CreateContainerRequest": WireCreateContainerRequest.self, "StartContainerRequest": WireStartContainerRequest.self,
        "RemoveContainerRequest": WireRemoveContainerRequest.self, "ExecProcessRequest": WireExecProcessRequest.self,
        "SignalProcessRequest": WireSignalProcessRequest.self, "WaitProcessRequest": WireWaitProcessRequest.self,
        "WaitProcessResponse": WireWaitProcessResponse.self, "WriteStreamRequest": WireWriteStreamRequest.self,
        "WriteStreamResponse": WireWriteStreamResponse.self, "ReadStreamRequest": WireReadStreamRequest.self,
        "ReadStreamResponse": WireReadStreamResponse.self, "CloseStdinRequest": WireCloseStdinRequest.self,
        "TtyWinResizeRequest": WireTtyWinResizeRequest.self, "GuestDetailsRequest": WireGuestDetailsRequest.self,
        "GuestDetailsResponse": WireGuestDetailsResponse.self, "CheckRequest": WireCheckRequest.self,
        "HealthCheckResponse": WireHealthCheckResponse.self, "VersionCheckResponse": WireVersionCheckResponse.self,
    ]

    static func all() throws -> [GoldenMessage] {
        let folder = Repository.fixtures.appending("wire").appending("messages")
        return try FileManager.default.contentsOfDirectory(atPath: folder.string).filter { $0 != "ORIGIN" }.sorted().map { name in
            let directory = folder.appending(name)
            let type = try #require(types[String(name.prefix { $0 != "." })], "fixtures/wire/messages/\(name) names no message")
            return GoldenMessage(
                name: name, type: type, text: try fixtureText(directory.appending("message.txtpb")),
                bytes: try hexBytes(try fixtureText(directory.appending("bytes.hex"))))
        }
    }
}

@Suite struct MessageGoldenTests {
    @Test func everyMessageHasACase() throws {
        let cases = Set(try GoldenMessage.all().map { $0.name.prefix { $0 != "." } }.map(String.init))
        #expect(cases == Set(GoldenMessage.types.keys))
    }

    @Test(arguments: try GoldenMessage.all())
    func textBecomesKatasBytes(_ golden: GoldenMessage) throws {
        let bytes: [UInt8] = try golden.type.init(textFormatString: golden.text).serializedBytes()
        #expect(hexText(bytes) == hexText(golden.bytes))
    }

    @Test(arguments: try GoldenMessage.all())
    func katasBytesBecomeTheTextWithoutUnknownFields(_ golden: GoldenMessage) throws {
        let decoded = try golden.type.init(serializedBytes: golden.bytes)
        #expect(decoded.textFormatString() == (try golden.type.init(textFormatString: golden.text)).textFormatString())
    }

    @Test func fieldsOfOurOwnLieOutsideKatasNumbers() throws {
        let details = WireAgentDetails.with { $0.kernelRelease = "6.1" }
        // 1000 << 3 | 2 = 8002 as a varint, length 3
        #expect(try details.serializedBytes() == [0xC2, 0x3E, 0x03] + Array("6.1".utf8))
    }
}
